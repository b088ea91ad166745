import type { DemoPerson } from '../../domain/people/demo-people.ts'
import type { Database } from './open-database.ts'

/**
 * Puts people on record, each with the phone that is theirs if there is one, in a
 * people table that Portero made: nobody is made up in one of somebody else. Whose document is known already stays as they
 * are, phones included: what was changed in the meantime is not undone.
 */
export async function putOnRecord(database: Database, people: readonly DemoPerson[]): Promise<void> {
  const [installation] = await database.rows<{ has_own_people: boolean }>(
    'select has_own_people from portero.installation',
    [],
  )
  if (installation?.has_own_people !== true) return
  await database.rows(putSql, [JSON.stringify(people)])
}

const putSql = `
  with given as materialized (
    select * from jsonb_to_recordset($1::jsonb) as p ("firstName" text, "lastName" text, document text, phone text)
  ), fresh as (
    insert into public.usuarios (nombre, apellido, dni)
    select "firstName", "lastName", document from given on conflict (dni) do nothing returning id, dni
  ), known as (
    insert into portero.people (id) select id from fresh on conflict (id) do nothing
  )
  insert into portero.phone_people (phone, person_id, belongs, beside_since)
  select g.phone, f.id, 'attested', clock_timestamp() from given g join fresh f on f.dni = g.document where g.phone is not null
  on conflict (phone, person_id) do nothing`
