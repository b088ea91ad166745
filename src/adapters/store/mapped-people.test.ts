import pg from 'pg'
import { describe, expect, test } from 'vitest'
import {
  authors,
  bare,
  declare,
  ofStudents,
  other,
  person,
  signedIn,
  signIn,
  storesAt,
  students,
} from '../../../test/support/adopted.ts'
import { atOnce, challengeAnswer, challengeRequest, newPhone, tally } from '../../../test/support/samples.ts'

describe('a people table under other names', () => {
  test('is read, searched and written by its own', async () => {
    const database = await bare(students)
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    const phone = newPhone()
    expect(await declare(stores, phone, '12.345.678')).toMatchObject({
      ...{ outcome: 'linked', person: { id: person, name: 'Juan Pérez', firstName: 'Juan' } },
    })
    await stores.peopleStore.changePerson(person, { name: 'Juan Carlos Pérez de los Santos y más' })
    expect(
      await database.query('select nombre_completo from academico."Alumnos" where legajo = $1', [person]),
    ).toEqual([{ nombre_completo: 'Juan Carlos Pérez de los Santo' }])
  })

  test('shows only who counts: the others are unknown, and whoever stops to count is out at once', async () => {
    const database = await bare(students)
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'unknown' })
    const phone = newPhone()
    await stores.recognitionStore.link(phone, person, 'attested', 'api')
    const session = await signedIn(stores, phone)
    expect(session.person.id).toBe(person)
    const since = (await stores.sessionStore.readRevocations(undefined)).next
    await database.owner.query(`update academico."Alumnos" set estado = 'baja' where legajo = '${person}'`)
    expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    expect((await stores.sessionStore.readRevocations(since)).revocations).toMatchObject([
      { personId: person, isRenamed: false },
    ])
    expect(await stores.recognitionStore.recognise(phone)).toMatchObject({ person: undefined, lost: 'gone' })
    expect(await signIn(stores, phone, 'known')).toMatchObject({ outcome: 'not_admitted' })
    const fresh = await signedIn(stores, phone)
    expect(fresh.person.id).not.toBe(person)
  })

  test('shows nobody who does not count beside others on their phone', async () => {
    const database = await bare(students.replace("'baja'", "'regular'"))
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    const phone = newPhone()
    for (const document of ['12345678', '23456789']) await declare(stores, phone, document)
    expect((await stores.recognitionStore.recognise(phone)).others).toMatchObject([{ id: person }])
    await database.owner.query(`update academico."Alumnos" set estado = 'baja' where legajo = '${person}'`)
    expect(await stores.recognitionStore.recognise(phone)).toMatchObject({
      ...{ person: { id: other }, others: [] },
    })
    expect(await stores.recognitionStore.chooseOther(phone, person)).toBe(false)
  })

  test('may say by an empty column who counts, and no value can become SQL', async () => {
    const database =
      await bare(`create table gente (id uuid primary key, nombre text, apellido text, dni text, "borrado el" timestamptz);
      insert into gente values ('${person}', 'Juan', null, '12345678', null), ('${other}', 'Ana', null, '23456789', now())`)
    await database.migrate({ table: 'gente', active_column: 'borrado el' })
    const stores = storesAt(database)
    expect(await declare(stores, newPhone(), '12345678')).toMatchObject({ outcome: 'linked' })
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'unknown' })
    await database.migrate({
      ...{ table: 'gente', active_column: 'dni', active_values: [`\\'); drop table gente; --`, '23456789'] },
    })
    expect(await declare(stores, newPhone(), '12345678')).toMatchObject({ outcome: 'unknown' })
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'linked' })
  })

  test('may become another one later: what was put on the old one is taken back', async () => {
    const database = await bare(`${students}
      create table gente (id uuid primary key, nombre text, apellido text, dni text);
      insert into gente select legajo, nombre_completo, null, "Documento"::text from academico."Alumnos"`)
    await database.migrate(ofStudents)
    const phone = newPhone()
    const stores = storesAt(database)
    await declare(stores, phone, '12345678')
    await database.migrate({ table: 'public.gente' })
    const left = (await database.catalog()).filter(
      (line) => /Alumnos/.test(line) && !/^(relation|column|constraint academico)/.test(line),
    )
    expect(left).toEqual([expect.stringMatching(/^index CREATE UNIQUE INDEX "Alumnos_pkey"/)])
    expect((await stores.recognitionStore.recognise(phone)).person?.id).toBe(person)
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'linked' })
    await database.owner.query(`delete from gente where id = '${person}'`)
    expect(await database.query('select from telefono_usuario where usuario_id = $1', [person])).toEqual([])
  })
})

test('recognising, declaring and signing in read few pages of a large table that others made', async () => {
  const ids = `('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid`
  const database = await bare(`${students} delete from academico."Alumnos";
    insert into academico."Alumnos" select ${ids}, 'Ana Souza', 10000000 + i, 'regular' from generate_series(1, 100000) as i;
    insert into telefono_usuario select '+54 911 ' || (40000000 + i), ${ids}, now(), now() from generate_series(1, 100000) as i;
    analyze telefono_usuario`)
  await database.migrate(ofStudents)
  await database.query(`insert into portero.newcomers (nombre) select 'Eva' from generate_series(1, 20000)`)
  await database.query('analyze portero.newcomers')
  const runtime = new pg.Client({ connectionString: database.url })
  await runtime.connect()
  await runtime.query('set role portero_runtime')
  const pagesOf = async (call: (i: number) => string) => {
    let fewest = Number.POSITIVE_INFINITY
    for (let i = 1; i <= 7; i += 1) {
      const { rows } = await runtime.query(`explain (analyze, buffers, format json) ${call(i)}`)
      const plan = rows[0]['QUERY PLAN'][0].Plan
      fewest = Math.min(fewest, plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
    }
    return fewest
  }
  const pages = {
    recognise: await pagesOf(
      (i) => `select * from portero.recognise_phone('+549114000000${i}', 'always', 'bot')`,
    ),
    declare: await pagesOf(
      (i) =>
        `select * from portero.declare_document('+549115000000${i}', '1005432${i}', '\\x0${i}', 5, 5, 'bot', true)`,
    ),
    // Of a person, as the view of living sessions joins them.
    person: await pagesOf(
      (i) =>
        `select u.* from (values ('00000000-0000-4000-8000-00000000000${i}'::uuid)) as s (id) join portero.everybody u on u.id = s.id`,
    ),
  }
  await runtime.end()
  expect(pages.recognise).toBeLessThan(60)
  expect(pages.declare).toBeLessThan(120)
  expect(pages.person).toBeLessThan(12)
})

describe('newcomers', () => {
  test('beside a table of others live in Portero’s own, and the bot asks them for a document', async () => {
    const database = await bare(authors)
    await database.migrate()
    const stores = storesAt(database)
    const phone = newPhone()
    const session = await signedIn(stores, phone)
    await stores.peopleStore.changePerson(session.person.id, { name: 'Eva Lima' })
    expect(await database.query('select from usuarios')).toHaveLength(2)
    expect(await database.query('select nombre, apellido from portero.newcomers')).toEqual([
      { nombre: 'Eva', apellido: 'Lima' },
    ])
    expect((await stores.sessionStore.readSession(session.id))?.person.name).toBe('Eva Lima')
    expect(await stores.recognitionStore.recognise(phone)).toMatchObject({
      person: undefined,
      lost: undefined,
    })
    expect(await stores.recognitionStore.link(phone, session.person.id, 'declared', 'api')).toBe('unknown')
    expect(await declare(stores, phone, '12345678')).toMatchObject({ outcome: 'linked' })
    expect((await signedIn(stores, phone)).person.id).toBe(session.person.id)
    expect((await stores.recognitionStore.recognise(phone)).person?.id).toBe(person)
    await database.query('delete from portero.newcomers')
    expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    expect(await database.query('select from portero.people where id = $1', [session.person.id])).toEqual([])
  })

  test('become rows of it where the operator wants that', async () => {
    const database = await bare(
      students.replace('nombre_completo varchar(30)', 'nombre_completo varchar(30) not null'),
    )
    await database.migrate({
      ...ofStudents,
      active_column: undefined,
      active_values: undefined,
      create_in_table: true,
    })
    const session = await signedIn(storesAt(database))
    expect(
      await database.query('select nombre_completo from academico."Alumnos" where legajo = $1', [
        session.person.id,
      ]),
    ).toEqual([{ nombre_completo: '' }])
  })

  test('are one person each, however many sign in at once', async () => {
    const database = await bare(authors)
    await database.migrate()
    const stores = storesAt(database)
    const asked = await atOnce(4, async () => {
      const phone = newPhone()
      const { outcome, ...code } = await stores.challengeStore.requestChallenge(challengeRequest(phone))
      if (!('seed' in code)) throw new Error(outcome)
      return { phone, challengeId: code.seed.challengeId }
    })
    const outcomes = await atOnce(400, async (i) => {
      const { phone, challengeId } = asked[i % 4]!
      if (i % 8 < 4) return (await stores.peopleStore.addPerson(phone, { name: 'Eva' })).isNew
      return (await stores.challengeStore.verifyChallenge(challengeAnswer(phone, challengeId))).outcome
    })
    // Of each phone's fifty codes one is right, and of all hundred one makes the person.
    expect(tally(outcomes.map(String))).toMatchObject({ signed_in: 4, wrong: 196 })
    expect(await database.query('select from portero.newcomers')).toHaveLength(4)
    expect(await database.query('select from portero.phone_people')).toHaveLength(4)
  })
})

describe('somebody whom another program deletes', () => {
  test('is gone everywhere at once, though that program knows nothing of Portero', async () => {
    const database = await bare(students)
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    const phone = newPhone()
    await stores.recognitionStore.link(phone, person, 'attested', 'api')
    const session = await signedIn(stores, phone)
    const role = `old_app_${newPhone().slice(-8)}`
    await database.query(
      `create role ${role}; grant usage on schema academico to ${role}; grant select, delete on academico."Alumnos" to ${role}`,
    )
    const since = (await stores.sessionStore.readRevocations(undefined)).next
    const app = new pg.Client({ connectionString: database.url })
    await database.query(`grant ${role} to portero`)
    await app.connect()
    await app.query(`set role ${role}`)
    await app.query(`delete from academico."Alumnos" where legajo = '${person}'`)
    await app.end()
    await database.query(`drop owned by ${role}; drop role ${role}`)
    for (const [table, column] of [
      ['portero.people', 'id'],
      ['portero.phone_people', 'person_id'],
      ['portero.sessions', 'person_id'],
      ['public.telefono_usuario', 'usuario_id'],
    ])
      expect(await database.query(`select from ${table} where ${column} = $1`, [person]), table).toEqual([])
    const { revocations } = await stores.sessionStore.readRevocations(since)
    expect(revocations.map(({ id: _, ...what }) => what)).toEqual(
      expect.arrayContaining([{ sessionId: session.id }, { personId: person, isRenamed: false }]),
    )
  })

  test('while nobody was told is forgotten at the next start', async () => {
    const database = await bare(authors)
    await database.migrate()
    const stores = storesAt(database)
    await stores.recognitionStore.link(newPhone(), person, 'attested', 'api')
    await database.owner.query('truncate usuarios cascade')
    await database.migrate()
    expect(await database.query('select from portero.phone_people')).toEqual([])
  })
})
