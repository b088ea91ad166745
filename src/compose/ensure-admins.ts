import type { Portero } from './compose.ts'

/** Sees to it that the phones of `admin.phones` are on record, as administrators where nobody has said otherwise. */
export async function ensureAdmins({
  config,
  peopleStore,
}: Pick<Portero, 'config' | 'peopleStore'>): Promise<void> {
  for (const phone of config.admin.phones) {
    await peopleStore.addPerson(phone, { role: 'admin' })
    for (const person of await peopleStore.findByPhone(phone)) {
      if (person.role === undefined) await peopleStore.changePerson(person.id, { role: 'admin' })
    }
  }
}
