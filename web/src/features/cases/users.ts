import { wholeQuery } from '../../api/queries'

interface UserAttributes {
  emailAddress: string
  nameFirst: string | null
  nameLast: string | null
}

/** Whom a case can be assigned to. */
export const usersQuery = wholeQuery<UserAttributes, '/users'>(['user'], '/users', { query: { 'page[size]': 100 } })
