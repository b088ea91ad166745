import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atOnce } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { demoPeople, familyPhone } from '../../domain/people/demo-people.ts'
import { putOnRecord } from './put-on-record.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

describe('the people of the demo', () => {
  test('are put on record once, however many processes do so, and whatever was changed stays', async () => {
    await atOnce(10, () => putOnRecord(stores.database, demoPeople))
    const people = await stores.query('select nombre, dni from public.usuarios order by dni')
    expect(people.map(({ dni }) => dni)).toEqual(demoPeople.map(({ document }) => document).sort())
    await stores.query(`update public.usuarios set nombre = 'Juana' where dni = '12345678'`)
    await putOnRecord(stores.database, demoPeople)
    expect(await stores.query(`select nombre from public.usuarios where dni = '12345678'`)).toEqual([
      { nombre: 'Juana' },
    ])
  })

  test('have a family among them that shares a phone, each of them attested', async () => {
    const family = await stores.peopleStore.findByPhone(familyPhone)
    expect(family.map(({ name }) => name).sort()).toEqual(['Luis Gómez', 'Marta Gómez', 'Sofía Gómez'])
    expect(family.every(({ state, phones }) => state === 'active' && phones[0]!.belongs === 'attested')).toBe(
      true,
    )
    const { person, others } = await stores.recognitionStore.recognise(familyPhone)
    expect(person).toBeUndefined()
    expect(others.map(({ firstName }) => firstName).sort()).toEqual(['Luis', 'Marta', 'Sofía'])
  })
})
