import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { isMissing, skipReason } from '../support/installed-programs.ts'
import { demoEnv, openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { freshPhone, signInByApi } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = readFileSync(join(root, 'docs/guide/bot-api.md'), 'utf8')
const runProgram = promisify(execFile)

function exampleOf(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(guide)![1]!
}

let portero: PorteroInProcess
let keys: Record<'reads' | 'writes' | 'attests' | 'asksForCodes', string>
beforeAll(async () => {
  portero = await openPorteroInProcess()
  keys = {
    reads: await newKey('people:read'),
    writes: await newKey('people:read', 'people:write'),
    attests: await newKey('people:write', 'people:attest'),
    asksForCodes: await newKey('otp'),
  }
})
afterAll(() => portero.close())

async function newKey(...scopes: string[]): Promise<string> {
  const options = scopes.flatMap((scope) => ['--scope', scope])
  const made = await command(demoEnv(portero.database), 'keys', 'create', '--name', 'bot', ...options)
  return made.stdout.split('\n')[0]!
}

async function newPerson(nombre: string | null = 'Juan', apellido: string | null = 'Pérez'): Promise<string> {
  const [row] = await portero.database.query<{ id: string }>(
    'insert into public.usuarios (nombre, apellido) values ($1, $2) returning id',
    [nombre, apellido],
  )
  return row!.id
}

const headers = (key: string) => ({ authorization: `Bearer ${key}` })
const post = (path: string, json: object, key = keys.writes) =>
  call(`${portero.url}/_portero/api/${path}`, { json, headers: headers(key) })
const recognise = async (phone: string) => (await post('phones/recognise', { phone })).json

describe('a bot of somebody else', () => {
  let phone: string
  let id: string
  beforeEach(async () => {
    phone = freshPhone()
    id = await newPerson()
  })

  it('links a phone, knows it from then on under every spelling, and forgets it', async () => {
    expect(await recognise(phone)).toEqual({ phone, result: 'nobody', person: null, others: [] })
    expect(await post('phones/link', { phone, person_id: id.toUpperCase() })).toMatchObject({
      ...{ status: 200, json: { phone, person_id: id, remembered: true } },
    })
    const person = { id, name: 'Juan Pérez', first_name: 'Juan', belongs: 'declared', level: 'declared' }
    for (const spelling of [phone, `whatsapp:${phone}`, `${phone.slice(1)}@s.whatsapp.net`])
      expect(await recognise(spelling)).toEqual({ phone, result: 'known', person, others: [] })
    expect((await post('phones/touch', { phone })).json).toEqual({ phone, remembered: true })
    const read = await call(`${portero.url}/_portero/api/people/${id}`, { headers: headers(keys.reads) })
    expect(read.json).toEqual({ id, name: 'Juan Pérez', first_name: 'Juan' })

    expect((await post('phones/forget', { phone, person_id: id })).json).toEqual({ phone, forgotten: 1 })
    expect((await post('phones/forget', { phone })).json).toEqual({ phone, forgotten: 0 })
    expect((await post('phones/touch', { phone })).json).toEqual({ phone, remembered: false })
    expect(await recognise(phone)).toMatchObject({ result: 'nobody' })
  })

  it('is told when a memory has run out, and when its person is gone, blocked, or has no name', async () => {
    await post('phones/link', { phone, person_id: id })
    await portero.database.query(
      `UPDATE telefono_usuario SET ultimo_acceso = NOW() - INTERVAL '35 days' WHERE telefono = $1`,
      [phone],
    )
    expect(await recognise(phone)).toMatchObject({ result: 'expired', person: null })
    expect((await post('phones/touch', { phone })).json.remembered).toBe(false)

    await post('phones/link', { phone, person_id: id })
    await portero.database.query(`insert into portero.people (id, state) values ($1, 'blocked')`, [id])
    expect(await recognise(phone)).toMatchObject({ result: 'blocked', person: null, others: [] })
    expect((await post('phones/link', { phone: freshPhone(), person_id: id })).json.code).toBe(
      'person_not_found',
    )
    await portero.database.query('update public.telefono_usuario set usuario_id = null where telefono = $1', [
      phone,
    ])
    await portero.database.query('delete from public.usuarios where id = $1', [id])
    expect(await recognise(phone)).toMatchObject({ result: 'gone' })

    await post('phones/link', { phone, person_id: await newPerson(null, null) })
    expect(await recognise(phone)).toMatchObject({ person: { name: null, first_name: null } })
  })

  it('makes only a declared link, which no code on that phone turns into somebody’s session', async () => {
    await post('phones/link', { phone, person_id: id })
    const session = await signInByApi(portero.url, phone)
    expect(session.personId).not.toBe(id)
    expect(await recognise(phone)).toMatchObject({ person: { id, level: 'declared' } })
  })

  it('with the scope for it attests, and the code then opens that person; forgetting ends the session', async () => {
    await post('phones/link', { phone, person_id: id, belongs: 'attested' }, keys.attests)
    expect(await recognise(phone)).toMatchObject({ person: { belongs: 'attested', level: 'declared' } })
    const { personId, token } = await signInByApi(portero.url, phone)
    expect(personId).toBe(id)
    expect(await recognise(phone)).toMatchObject({ person: { id, level: 'confirmed' } })
    await post('phones/link', { phone, person_id: id })
    expect(await recognise(phone)).toMatchObject({ person: { belongs: 'attested' } })

    const isSignedIn = async () =>
      (await call(`${portero.url}/_portero/api/me`, { headers: headers(token) })).status === 200
    expect(await isSignedIn()).toBe(true)
    await post('phones/forget', { phone })
    await until(async () => !(await isSignedIn()))
    expect(await recognise(phone)).toMatchObject({ result: 'nobody', others: [] })
  })

  it('says to whom the phone of a family may belong', async () => {
    const other = await newPerson('Ana')
    await post('phones/link', { phone, person_id: id })
    await post('phones/link', { phone, person_id: other })
    expect(await recognise(phone)).toMatchObject({
      person: { id: other },
      others: [{ id, first_name: 'Juan' }],
    })
  })
})

describe('the calls for bots', () => {
  const calls = () => {
    const phone = freshPhone()
    return [
      ['phones/recognise', { phone }],
      ['phones/touch', { phone }],
      ['phones/link', { phone, person_id: randomUUID() }],
      ['phones/forget', { phone }],
    ] as const
  }

  it('are for keys with the scope alone', async () => {
    for (const [path, body] of calls()) {
      const url = `${portero.url}/_portero/api/${path}`
      expect((await call(url, { json: body })).json.code).toBe('invalid_api_key')
      expect((await post(path, body, 'portero_key_aaaaaaaaaaaaaaaaaaaaaaaa')).json.code).toBe(
        'invalid_api_key',
      )
      expect((await post(path, body, keys.asksForCodes)).json.code).toBe('scope_missing')
      if (path !== 'phones/recognise')
        expect((await post(path, body, keys.reads)).json.code).toBe('scope_missing')
    }
    const person = `${portero.url}/_portero/api/people/${await newPerson()}`
    expect((await call(person)).json.code).toBe('invalid_api_key')
    expect((await call(person, { headers: headers(keys.attests) })).json.code).toBe('scope_missing')
  })

  it('let nobody attest who may only write', async () => {
    const [phone, person_id] = [freshPhone(), await newPerson()]
    const refused = await post('phones/link', { phone, person_id, belongs: 'attested' })
    expect([refused.status, refused.json.code]).toEqual([403, 'scope_missing'])
    expect(await recognise(phone)).toMatchObject({ result: 'nobody' })
  })

  it.each([
    [{}, 'invalid_request'],
    [{ phone: '' }, 'invalid_request'],
    [{ phone: 12 }, 'invalid_request'],
    [{ phone: 'x'.repeat(201) }, 'invalid_request'],
    [{ phone: 'hola' }, 'invalid_phone'],
    [{ phone: '+54' }, 'invalid_phone'],
    [{ phone: "+5491123456789'; drop table usuarios; --" }, 'invalid_phone'],
    [{ phone: '120363012345678901@g.us' }, 'invalid_phone'],
  ])('refuse %j with %s', async (body, code) => {
    for (const path of ['phones/recognise', 'phones/touch', 'phones/forget'])
      expect((await post(path, body)).json.code).toBe(code)
  })

  it('refuse ids that are none with a sentence, and people who are not there', async () => {
    const phone = freshPhone()
    const odd = await post('phones/link', { phone, person_id: '12345678' })
    expect(odd.json).toMatchObject({ code: 'invalid_request', fields: [{ field: 'person_id' }] })
    expect((await post('phones/link', { phone, person_id: randomUUID() })).status).toBe(404)
    const read = (id: string) =>
      call(`${portero.url}/_portero/api/people/${id}`, { headers: headers(keys.reads) })
    expect((await read(randomUUID())).json.code).toBe('person_not_found')
    expect((await read('1')).json.code).toBe('invalid_request')
  })

  it('are not for the pages of others', async () => {
    const answer = await call(`${portero.url}/_portero/api/phones/recognise`, {
      json: { phone: freshPhone() },
      headers: { ...headers(keys.writes), origin: 'https://evil.example' },
    })
    expect([answer.status, answer.json.code]).toEqual([403, 'origin_not_allowed'])
  })

  it('write a line with the sign that is searched for, and no whole number', async () => {
    const phone = freshPhone()
    await post('phones/link', { phone, person_id: await newPerson() })
    await recognise(phone)
    const line = portero.logged.findLast(({ text }) => text.includes('🔍'))!
    expect(line.text).toMatch(/^🔍 \+55•••\d{4} recognised$/)
    expect(JSON.stringify(portero.logged)).not.toContain(phone.slice(1))
    const rows = await portero.database.query(
      'select event, outcome, door from portero.access_log where phone = $1 order by id',
      [phone],
    )
    expect(rows).toEqual([
      { event: 'phone_linked', outcome: 'declared', door: 'api' },
      { event: 'phone_recognised', outcome: 'remembered', door: 'api' },
    ])
  })
})

describe('the command line', () => {
  const typed = (...argv: string[]) => command(demoEnv(portero.database), ...argv)
  const ageBy = (phone: string, days: number) =>
    portero.database.query(
      `update public.telefono_usuario set ultimo_acceso = now() - $2 * interval '1 day' where telefono = $1`,
      [phone, days],
    )

  it('people set --days says for how long somebody is remembered, and "" takes it back', async () => {
    const [phone, person_id] = [freshPhone(), await newPerson()]
    await post('phones/link', { phone, person_id })
    await ageBy(phone, 60)
    expect(await recognise(phone)).toMatchObject({ result: 'expired' })
    expect(await typed('people', 'set', phone, '--days', '90')).toMatchObject({
      code: 0,
      stdout: 'Changed.\n',
    })
    expect(await recognise(phone)).toMatchObject({ result: 'known', person: { name: 'Juan Pérez' } })
    await ageBy(phone, 60)
    expect((await typed('people', 'set', phone, '--days', '')).code).toBe(0)
    expect(await recognise(phone)).toMatchObject({ result: 'expired' })
    for (const days of ['0', '3651', '1.5', '-1', 'x']) {
      const refused = await typed('people', 'set', phone, `--days=${days}`)
      expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining('from 1 to 3650')])
    }
  })

  it('phones share marks a phone that is never remembered, and unshare takes the mark away', async () => {
    const [phone, person_id] = [freshPhone(), await newPerson()]
    await post('phones/link', { phone, person_id })
    expect((await typed('phones', 'share', phone)).stdout).toMatch(/^Nobody is remembered on \+55 /)
    expect(await recognise(phone)).toMatchObject({ result: 'shared', person: null })
    expect((await post('phones/link', { phone, person_id })).json).toMatchObject({ remembered: false })
    await signInByApi(portero.url, phone)
    expect(await recognise(phone)).toMatchObject({ result: 'shared' })
    expect((await typed('phones', 'unshare', phone)).code).toBe(0)
    expect((await post('phones/link', { phone, person_id })).json).toMatchObject({ remembered: true })
    expect(await recognise(phone)).toMatchObject({ result: 'known' })
  })
})

describe('the examples of the guide, followed to the letter', () => {
  const environment = async () => ({
    ...process.env,
    PORTERO_URL: portero.url,
    PORTERO_KEY: keys.writes,
    PERSON_ID: await newPerson(),
  })
  const story = 'hello, Juan\nby id: Juan Pérez\nforgotten: 1 and again: 0\n'

  it.skipIf(isMissing('curl'))(`work with curl${skipReason('curl')}`, async () => {
    const script = exampleOf('sh').replaceAll('http://127.0.0.1:8081', portero.url)
    const env = await environment()
    const { stdout } = await runProgram('sh', ['-c', script], { env })
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers).toMatchObject([
      { result: 'nobody' },
      { person_id: env.PERSON_ID, remembered: true },
      { result: 'known', person: { first_name: 'Juan' } },
      { name: 'Juan Pérez' },
      { remembered: true },
      { forgotten: 1 },
    ])
  })

  it.skipIf(isMissing('python3'))(`work in Python${skipReason('python3')}`, async () => {
    const env = { ...(await environment()), PYTHONIOENCODING: 'utf-8' }
    const { stdout } = await runProgram('python3', ['-c', exampleOf('python')], { env })
    expect(stdout).toBe(`known: None\n${story}`)
  })

  it('work in TypeScript', async () => {
    const args = ['--input-type=module-typescript', '--eval', exampleOf('ts')]
    const { stdout } = await runProgram(process.execPath, args, { cwd: root, env: await environment() })
    expect(stdout).toBe(`known: nobody\n${story}`)
  })
})
