import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { randomSecret, secretHash } from '../../src/lib/random-secret.ts'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { demoEnv, openPorteroInProcess } from '../support/portero-in-process.ts'
import { tally } from '../support/samples.ts'
import { until } from '../support/until.ts'

const modes = ['declared', 'code', 'proof', 'approval'] as const
type Mode = (typeof modes)[number]

const phones = 50
const documents = 200
/** Every second document is somebody's, whose number is on record. */
const isPresent = (at: number) => at % 2 === 0
const documentOf = (at: number) => `${31_000_000 + at * 7919}`
const ownerOf = (at: number) => `+54911666${10_000 + at}`
const attackerOf = (at: number) => `+54911777${10_000 + at}`
/** As many as a phone is let try, and two more. */
const triesOfEach = 7

type Answer = {
  at: number
  phone: string
  text: string
  state: string
  level: string | null
  person: object | null
}

const figures = [
  'documents looked at',
  'known to exist',
  'first names',
  'other particulars',
  'phones remembered',
  'attested',
  'owners told',
  'owners with a code',
  'codes',
  'alarms',
  'requests listed',
  'seconds',
] as const
type Figures = Record<(typeof figures)[number], number>

const summary: Partial<Record<Mode, Figures>> = {}
afterAll(() => {
  const rows = figures.map((what) => [what, ...modes.map((mode) => summary[mode]?.[what])])
  const lines = [['', ...modes], ...rows].map(([what, ...cells]) =>
    [String(what).padEnd(22), ...cells.map((cell) => String(cell ?? '-').padStart(9))].join(' '),
  )
  process.stdout.write(
    `\n${documents} documents, ${phones} phones, ${phones * triesOfEach} messages\n${lines.join('\n')}\n\n`,
  )
})

describe.each(modes)('somebody with 200 documents and 50 phones, first contact by %s', (mode: Mode) => {
  it('learns and shows no more than the guide says', async () => {
    const portero = await openPorteroInProcess({ PORTERO_BOT__FIRST_CONTACT: mode })
    try {
      const key = `portero_key_${randomSecret()}${randomSecret()}`
      const { query } = portero.database
      await query(
        `insert into portero.api_keys (name, secret_hash, scopes) values ('bridge', $1, '{chat,chat:prove}')`,
        [secretHash(key)],
      )
      await query(
        `with p as (
           insert into public.usuarios (nombre, apellido, dni)
           select 'Nombre' || n, 'Apellido' || n, (31000000 + n * 7919)::text from generate_series(0, 198, 2) as n
           returning id, nombre
         )
         insert into portero.phone_people (phone, person_id, belongs)
         select '+54911666' || (10000 + substr(nombre, 7)::int), id, 'attested' from p`,
      )
      // Owners who wrote to the bot today, so that they can be told.
      await query(
        `insert into portero.chats (chat_key, channel, address, last_message_at)
         select 'simulator:' || phone, 'simulator', phone, now() from portero.phone_people where phone like '+54911666%'`,
      )

      const answers: Answer[] = []
      const tryAll = async (attacker: number) => {
        const phone = attackerOf(attacker)
        for (let i = 0; i < triesOfEach; i += 1) {
          const at = (attacker * 4 + (attacker % 2) + i) % documents
          const { json } = await call(`${portero.url}/_portero/bot/messages`, {
            json: { from: phone, text: `DNI ${documentOf(at)}` },
            headers: { authorization: `Bearer ${key}` },
          })
          const text = json.replies.map((reply: { text: string }) => reply.text).join('\n')
          answers.push({ at, phone, text, state: json.state, level: json.level, person: json.person })
        }
      }
      const started = performance.now()
      for (let first = 0; first < phones; first += 10)
        await Promise.all(Array.from({ length: 10 }, (_, i) => tryAll(first + i)))
      const seconds = (performance.now() - started) / 1000

      // Five different documents of each phone, however many it brings.
      const looked = answers.filter(({ text }) => !text.includes('se probaron varios documentos'))
      const perPhone = Object.values(tally(looked.map(({ phone }) => phone)))
      expect([Math.max(...perPhone), perPhone.length]).toEqual([5, phones])

      // What an answer shows, beside the answer of whoever has no such document.
      const shows = ({ text, state, level, person }: Answer) => JSON.stringify({ text, state, level, person })
      const present = new Set(looked.filter(({ at }) => isPresent(at)).map(shows))
      const absent = new Set(looked.filter(({ at }) => !isPresent(at)).map(shows))
      const everything = answers.map(({ text }) => text).join('\n')
      const particulars = everything.match(/Apellido|\d{8}/g) ?? []
      expect(particulars).toEqual([])
      const names = new Set(everything.match(/Nombre\d+/g))
      const told = new Set(looked.filter(({ text }) => /Nombre\d+/.test(text)).map(({ at }) => at))
      if (mode === 'declared') expect([names.size, told.size]).toEqual([100, 100])
      else {
        expect([names.size, present.size, absent.size]).toEqual([0, 1, 1])
        expect([...present]).toEqual([...absent])
      }
      const remembered = await query(`select from public.telefono_usuario where telefono like '+54911777%'`)
      const attested = await query(
        `select from portero.phone_people where phone like '+54911777%' and belongs = 'attested'`,
      )
      expect(attested).toEqual([])
      expect(remembered).toHaveLength(mode === 'declared' ? phones : 0)

      // What the owners saw.
      const codes = async () =>
        await query<{ phone: string; state: string }>(
          `select phone, state from portero.deliveries where phone like '+54911666%' order by phone`,
        )
      if (mode === 'code') await until(async () => (await codes()).every(({ state }) => state === 'accepted'))
      const codesOf = tally((await codes()).map(({ phone }) => phone))
      const notices = async () =>
        await query<{ chat_key: string }>(
          `select chat_key from portero.outbox where chat_key like 'simulator:+54911666%'`,
        )
      if (mode === 'declared') await until(async () => (await notices()).length === 100)
      const noticesOf = tally((await notices()).map(({ chat_key }) => chat_key))
      expect(Math.max(0, ...Object.values(codesOf))).toBeLessThanOrEqual(3)
      expect(Object.keys(codesOf).length).toBe(mode === 'code' ? 100 : 0)
      expect(Object.values(noticesOf)).toEqual(mode === 'declared' ? Array(100).fill(1) : [])
      // Nobody is kept from signing in on the web by it.
      const asked = await call(`${portero.url}/otp/request`, { json: { phone: ownerOf(0) } })
      expect(asked.status).toBe(200)

      // What the operator saw.
      const lines = portero.logged.map(({ text }) => text)
      const alarms = lines.filter((line) => line.startsWith('ALARM')).length
      const requests = lines.filter((line) => line.includes('`portero links list`')).length
      expect([alarms, requests]).toEqual([1, mode === 'approval' ? 1 : 0])
      const listed = await command(demoEnv(portero.database), 'links', 'list')
      const waiting = listed.stdout.split('\n').filter((line) => line.includes('+54')).length
      expect(waiting).toBe(mode === 'approval' ? 25 : 0)
      if (mode === 'approval') expect(listed.stdout).toMatch(/wait with a document that nobody has/)
      expect(JSON.stringify(portero.logged)).not.toMatch(/3[12]\d{6}\b|549117771\d{4}/)

      summary[mode] = {
        'documents looked at': looked.length,
        'known to exist': mode === 'declared' ? told.size : 0,
        'first names': names.size,
        'other particulars': particulars.length,
        'phones remembered': remembered.length,
        attested: attested.length,
        'owners told': Object.keys(noticesOf).length,
        'owners with a code': Object.keys(codesOf).length,
        codes: Object.values(codesOf).reduce((sum, count) => sum + count, 0),
        alarms,
        'requests listed': waiting,
        seconds: Math.round(seconds * 10) / 10,
      }
    } finally {
      await portero.close()
    }
  }, 120_000)
})

it('the guide shows these figures', () => {
  const guide = readFileSync(new URL('../../docs/guide/who-is-writing.md', import.meta.url), 'utf8')
  const rowOf = (what: string) => new RegExp(`^\\| ${what} \\| (.*) \\|$`, 'm').exec(guide)?.[1]?.split(' | ')
  const each = (show: (of: Figures) => string) => modes.map((mode) => show(summary[mode]!))
  const told = (of: Figures) => {
    if (of['owners told'] > 0) return `${of['owners told']}, a notice each`
    return of['owners with a code'] > 0 ? `${of['owners with a code']}, ${of.codes} codes` : '0'
  }
  const saw = (of: Figures) =>
    of['requests listed'] > 0 ? `the alarm, and ${of['requests listed']} requests with names` : 'the alarm'

  const looked = `documents that were looked at, of ${phones * triesOfEach} tried`
  expect(rowOf(looked)).toEqual(each((of) => `${of['documents looked at']}`))
  expect(rowOf('known to exist, with a first name')).toEqual(each((of) => `${of['first names']}`))
  expect(rowOf('surnames, documents, numbers')).toEqual(each((of) => `${of['other particulars']}`))
  expect(rowOf('phones that speak for somebody now, declared')).toEqual(
    each((of) => `${of['phones remembered']}`),
  )
  expect(rowOf('owners who saw something')).toEqual(each(told))
  expect(rowOf('you saw')).toEqual(each(saw))
})
