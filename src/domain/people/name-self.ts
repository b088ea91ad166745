import type { SessionDirectory } from '../sessions/session-directory.ts'
import { parseName } from './parse-name.ts'
import type { PeopleStore } from './people-store.ts'

type Needs = { peopleStore: PeopleStore; sessionDirectory: SessionDirectory }

/** Takes the name that a person gives for themselves. Refuses with `invalid_name`. */
export async function nameSelf(needs: Needs, personId: string, typed: string): Promise<void> {
  await needs.peopleStore.changePerson(personId, { name: parseName(typed) })
  needs.sessionDirectory.revoke({ personId, isRenamed: true })
}
