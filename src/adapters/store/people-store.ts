import { sql, type Transaction } from 'kysely'
import type { PeopleStore, PersonChanges, PersonOnRecord } from '../../domain/people/people-store.ts'
import type { PersonState } from '../../domain/people/person.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { Database } from './open-database.ts'
import { personEmail } from './person-email.ts'
import type { Tables } from './tables.ts'

type PersonRow = {
  id: string
  name: string | null
  role: string | null
  groups: string[] | null
  email_local: string | null
  app_email: string | null
  state: PersonState | null
  created_at: Date | null
  phones: { phone: string; belongs: 'declared' | 'attested'; proved_at: string | null }[]
}

type JoinRow = { is_taken: boolean; is_changed: boolean; ended: number }

const uniqueViolation = '23505'

/** The people in PostgreSQL: their names where the organisation keeps them, the rest beside. */
export function peopleStore(database: Database, emailDomain: string): PeopleStore {
  const personOnRecord = (row: PersonRow): PersonOnRecord => ({
    id: row.id,
    name: row.name ?? undefined,
    role: row.role ?? undefined,
    groups: row.groups ?? [],
    email: personEmail(row.app_email ?? row.email_local ?? '', emailDomain),
    state: row.state ?? 'active',
    createdAt: row.created_at ?? undefined,
    appEmail: row.app_email ?? undefined,
    phones: row.phones.map((link) => ({
      phone: canonicalPhone(link.phone),
      belongs: link.belongs,
      provedAt: link.proved_at === null ? undefined : new Date(link.proved_at),
    })),
  })

  return {
    async listPeople({ state }) {
      return (await database.rows<PersonRow>(listSql, [state ?? null, null])).map(personOnRecord)
    },

    async findByPhone(phone) {
      return (await database.rows<PersonRow>(listSql, [null, phone])).map(personOnRecord)
    },

    async addPerson(phone, changes) {
      const [row] = await database.rows<{ id: string; is_new: boolean }>(
        'select id, is_new from portero.add_person($1, $2, $3, $4, $5)',
        [phone, ...nameParts(changes.name), changes.role, changes.groups ?? []],
      )
      return { id: row!.id, isNew: row!.is_new }
    },

    async addPersonBeside(phone, changes, idleLinkDays) {
      const [row] = await database.rows<{ id: string; is_new: boolean }>(
        'select id, is_new from portero.add_person_beside($1, $2, $3, $4, $5, $6)',
        [phone, ...nameParts(changes.name), changes.role, changes.groups ?? [], idleLinkDays],
      )
      return { id: row!.id, isNew: row!.is_new }
    },

    async changePerson(id, changes) {
      await database.run(() => writeChanges(database, id, changes))
    },

    async joinAddress(id, address) {
      try {
        const [row] = await database.rows<JoinRow>(joinSql, [id, address ?? null, emailDomain])
        const { is_taken, is_changed, ended } = row!
        if (is_taken) return { outcome: 'taken' }
        return is_changed ? { outcome: 'joined', endedSessions: ended } : { outcome: 'unchanged' }
      } catch (thrown) {
        if ((thrown as { code?: string }).code === uniqueViolation) return { outcome: 'taken' }
        throw thrown
      }
    },

    async setState(id, state) {
      await database.run(() =>
        database.tables.transaction().execute(async (trx) => {
          if (!(await isHeld(trx, id))) return
          await trx
            .insertInto('portero.people')
            .values({ id, state })
            .onConflict((conflict) => conflict.column('id').doUpdateSet({ state }))
            .execute()
          if (state === 'active') return
          await sql`select portero.end_sessions_of(${id}, ${state})`.execute(trx)
        }),
      )
    },
  }
}

async function writeChanges(database: Database, id: string, changes: PersonChanges): Promise<void> {
  await database.tables.transaction().execute(async (trx) => {
    if (!(await isHeld(trx, id))) return
    if ('name' in changes) {
      const [nombre, apellido] = nameParts(changes.name)
      await trx.updateTable('portero.everybody').set({ nombre, apellido }).where('id', '=', id).execute()
    }
    const own = {
      ...('role' in changes ? { role: changes.role ?? null } : {}),
      ...(changes.groups === undefined ? {} : { groups: [...changes.groups] }),
    }
    await trx
      .insertInto('portero.people')
      .values({ id, ...own })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ id, ...own }))
      .execute()
  })
}

/** Keeps somebody from being deleted until the transaction ends; false when they are gone. */
async function isHeld(trx: Transaction<Tables>, id: string): Promise<boolean> {
  return (await sql`select portero.hold_person(${id})`.execute(trx)).rows.length > 0
}

/** The people table has a first and a last name; a person gives one text. The first word is what a greeting uses. */
function nameParts(name: string | undefined): [string | null, string | null] {
  if (name === undefined) return [null, null]
  const space = name.indexOf(' ')
  return space < 0 ? [name, null] : [name.slice(0, space), name.slice(space + 1)]
}

// An address may also be the pseudonym of somebody else, which no unique index sees.
const joinSql = `
  with held as materialized (
    select from portero.hold_person($1)
  ), other as (
    select id from portero.people
     where id <> $1 and email_local = split_part($2, '@', 1) and $3 = split_part($2, '@', 2)
  ), joined as (
    insert into portero.people as p (id, app_email) select $1, $2 from held where not exists (select from other)
    on conflict (id) do update set app_email = excluded.app_email where p.app_email is distinct from excluded.app_email
    returning id
  )
  select exists (select from other) as is_taken, exists (select from joined) as is_changed,
         (select count(*)::int from joined, lateral portero.end_sessions_of(joined.id, 'joined')) as ended`

const listSql = `
  select u.id, portero.display_name(u.nombre, u.apellido) as name, p.role, p.groups, p.email_local, p.app_email, p.state, p.created_at,
         coalesce((select jsonb_agg(jsonb_build_object('phone', pp.phone, 'belongs', pp.belongs, 'proved_at', pp.proved_at)
                                    order by pp.phone)
                     from portero.phone_people pp where pp.person_id = u.id), '[]') as phones
    from portero.everybody u left join portero.people p on p.id = u.id
   where ($1::text is null or coalesce(p.state, 'active') = $1)
     and ($2::text is null or u.id in (select person_id from portero.phone_people where phone = $2))
   order by p.created_at, u.id`
