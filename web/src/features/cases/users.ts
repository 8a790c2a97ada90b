import { wholeQuery } from '../../api/queries'
import type { UserAttributes } from '../../api/resources'

/** Whom a case can be assigned to. */
export const usersQuery = wholeQuery<UserAttributes, '/users'>(['user'], '/users', { query: { 'page[size]': 100 } })
