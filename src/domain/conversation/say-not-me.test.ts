import { expect, test } from 'vitest'
import { conversationHouse } from '../../../test/support/conversation-house.ts'
import { requestsOf } from '../chat/requests-of.ts'
import type { SessionClaim } from '../notices/notice-store.ts'
import { canonicalPhone } from '../phones/phone-number.ts'
import { aboutMark } from './button.ts'

const phone = '+5491112345678'
const thief = '+5491187654321'
const desk = '+5491145000000'
const ana = '7b0e6f6e-6f8a-4d83-9a57-1d1a4a2b7f10'
const nonce = '0f8c1c546d3f4c399d6c2d5a5b1c0e11'

/** A bot of which one session was told, under `nonce`; `isNewest`: whether words mean that one. */
function house({
  isNewest = true,
  told = undefined as string | undefined,
  session = undefined as string | undefined,
  attested = [`${phone} juan`],
} = {}) {
  const claims: SessionClaim[] = []
  const of = conversationHouse({
    people: [
      { id: 'juan', name: 'Juan Pérez', document: '12345678' },
      { id: ana, name: 'Ana Gómez', document: '23456789' },
    ],
    attested,
    sharedPhones: [desk],
    readPersonTold: async () => told,
    readSessionTold: async () => session,
    disownSession: async (claim) => {
      claims.push(claim)
      if (claim.nonce !== undefined ? claim.nonce !== nonce : !isNewest) return undefined
      return { personId: 'ana', isFirst: claims.length === 1, sessionIds: [] }
    },
  })
  return { ...of, claims }
}
const eventsOf = ({ events }: { readonly events: readonly { readonly event: string }[] }) =>
  events.filter(({ event }) => event !== 'recognition')

test('the button ends its session, whoever speaks, and says what was done; twice is the same', async () => {
  const { turn, claims } = house()
  const [first, second] = [
    await turn(phone, `${nonce}.do.not_me`, { isButton: true }),
    await turn(phone, `${nonce}.do.not_me`, { isButton: true }),
  ]
  expect(first.replies[0]!.text).toMatch(/^Listo: cerré esa sesión.*Durante 24 horas/)
  expect(second.replies).toEqual(first.replies)
  expect([first, second].flatMap(eventsOf)).toEqual([
    { event: 'session_disowned', personId: 'ana', isFirst: true },
    { event: 'session_disowned', personId: 'ana', isFirst: false },
  ])
  expect(claims[0]).toEqual({ phone, nonce })
})

test('words mean what was told last, in any of the languages', async () => {
  const { turn, claims } = house()
  expect((await turn(phone, 'No fui yo!')).replies[0]!.text).toMatch(/^Listo: cerré/)
  expect((await turn(phone, 'não fui eu')).replies[0]!.text).toMatch(/^Pronto: encerrei/)
  expect((await turn(phone, "it wasn't me")).replies[0]!.text).toMatch(/^Done: I have ended/)
  expect(claims.map((claim) => claim.nonce)).toEqual([undefined, undefined, undefined])
})

test('where a document was told of since, words undo that, for whom it was about, and say what was done', async () => {
  const { turn, memory } = house({ isNewest: false })
  await turn(phone, '12345678')
  await turn(thief, '12345678')
  const undone = await turn(phone, 'no fui yo')
  expect(eventsOf(undone)).toEqual([{ event: 'document_disowned', personId: 'juan', phones: [thief] }])
  expect(undone.replies[0]!.text).toMatch(/^Listo: saqué a quien se hizo pasar por vos\. Durante una semana/)
  expect((await memory.store.recognise(canonicalPhone(thief))).person).toBeUndefined()
  const again = await turn(phone, 'não fui eu')
  expect(again.replies[0]!.text).toMatch(/^Pronto: em outros telefones não ficou ninguém/)
  expect((await turn(phone, 'not me')).replies[0]!.text).toMatch(/^Done: no other phone/)
})

test('words are about whom a notice or a code was last about, whoever of the family has the word', async () => {
  const { turn, memory } = house({
    isNewest: false,
    told: ana,
    attested: [`${phone} juan`, `${phone} ${ana}`],
  })
  memory.remember(phone, ana)
  memory.remember(phone, 'juan')
  await turn(phone, 'hola')
  expect(eventsOf(await turn(phone, 'no fui yo'))).toEqual([
    { event: 'document_disowned', personId: ana, phones: [] },
  ])
})

test('a session that goes on is not lost behind a document that was typed after it: the answer offers to end it', async () => {
  const { turn } = house({ isNewest: false, session: nonce })
  await turn(phone, '12345678')
  const { replies } = await turn(phone, 'no fui yo')
  expect(replies[0]!.text).toContain('si esa tampoco es tuya, tocá el botón')
  expect(replies[0]!.buttons).toEqual([{ id: `${nonce}.do.not_me`, title: 'No fui yo' }])
  const ended = await turn(phone, replies[0]!.buttons[0]!.id, { isButton: true })
  expect(ended.replies[0]!.text).toMatch(/^Listo: cerré esa sesión/)
})

test('the button of a document undoes it from a phone that is surely theirs, without asking of sessions', async () => {
  const { turn, claims, memory } = house({ attested: [`${phone} ${ana}`] })
  memory.remember(phone, ana)
  memory.remember(thief, ana)
  const button = `${aboutMark(ana)}.do.not_me`
  const undone = await turn(phone, button, { isButton: true })
  expect(eventsOf(undone)).toEqual([{ event: 'document_disowned', personId: ana, phones: [thief] }])
  expect(claims).toEqual([])
})

test.each([
  ['only declared for them', phone, {}],
  ['nobody’s own', desk, {}],
  ['not proved by the channel', phone, { isProof: false }],
])('from a phone that is %s it is for the operator to decide', async (_, from, more) => {
  const { turn, memory } = house({ attested: from === desk || 'isProof' in more ? [`${from} ${ana}`] : [] })
  memory.remember(from, ana)
  memory.remember(thief, ana)
  const button = `${aboutMark(ana)}.do.not_me`
  const outcome = await turn(from, button, { isButton: true, ...more })
  expect(eventsOf(outcome)).toEqual([{ event: 'not_me', personId: ana }])
  expect(outcome.replies[0]!.text).toMatch(/^Gracias por avisar/)
  expect(requestsOf(outcome, canonicalPhone(from))).toMatchObject([{ kind: 'not_me', personId: ana }])
  expect((await memory.store.recognise(canonicalPhone(thief))).person?.id).toBe(ana)
})

test('the button of a session that nobody knows any more ends nothing and unlinks nobody', async () => {
  const { turn } = house()
  await turn(phone, '12345678')
  const outcome = await turn(phone, `${'f'.repeat(32)}.do.not_me`, { isButton: true })
  expect(outcome.replies[0]!.text).toMatch(/^Gracias por avisar/)
  expect(eventsOf(outcome)).toEqual([{ event: 'not_me', personId: 'juan' }])
})

test('whoever only says to be that phone, or hides theirs, ends nothing', async () => {
  const { turn, claims } = house()
  await turn(phone, `${nonce}.do.not_me`, { isButton: true, isProof: false })
  await turn(phone, 'no fui yo', { isProof: false })
  await turn('whatsapp:AR.1', 'no fui yo')
  expect(claims).toEqual([])
})
