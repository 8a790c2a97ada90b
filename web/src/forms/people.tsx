import { queryOptions, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { call } from '../api/client'
import { cursorAfter, type Many, type Resource } from '../api/document'
import { nameOfPerson, type UserAttributes } from '../api/resources'
import { useMay } from '../api/session'
import { words } from './words'

export interface KnownPerson {
  id: string
  email: string
  name: string
  isActive: boolean
}

const PAGE_SIZE = 100
/** The most pages of people loaded; in a larger organization, the rest are shown by e-mail address. */
const PAGES_MAX = 20

/** All people of the organization: screens show names for the ids and e-mail addresses of the API. */
const peopleQuery = queryOptions({
  queryKey: ['user', 'list', 'everyone'],
  queryFn: async ({ signal }): Promise<KnownPerson[]> => {
    const people: Resource<UserAttributes>[] = []
    let after: string | undefined
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = { 'page[size]': PAGE_SIZE, 'page[after]': after }
      const { value } = await call<Many<UserAttributes>, '/users'>('get', '/users', { query, signal })
      people.push(...value.data)
      after = cursorAfter(value)
      if (after === undefined) break
    }
    return people.map(({ id, attributes }) => ({
      id,
      email: attributes.emailAddress,
      name: nameOfPerson(attributes),
      isActive: attributes.active,
    }))
  },
  staleTime: 60_000,
})

/** All people, if the user may read them. */
export function usePeople(): KnownPerson[] | undefined {
  return useQuery({ ...peopleQuery, enabled: useMay('user.read') }).data
}

/** Finds people by their id or their e-mail address. */
export function usePersonOf(): (named: string | null | undefined) => KnownPerson | undefined {
  const people = usePeople()
  const known = useMemo(
    () => new Map((people ?? []).flatMap((person) => [[person.id, person] as const, [folded(person.email), person]])),
    [people],
  )
  return (named) => (named ? known.get(folded(named)) : undefined)
}

const folded = (named: string) => named.toLowerCase()

/** A person's name, with the e-mail address on hover; for an unknown person, the text from the API. */
export function PersonName({ id, email }: { id?: string | null | undefined; email?: string | null | undefined }) {
  const find = usePersonOf()
  const person = find(id) ?? find(email)
  if (!person) return <>{email || words.somebody}</>
  return <span title={person.email}>{person.isActive ? person.name : words.deactivatedPerson(person.name)}</span>
}
