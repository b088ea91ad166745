import { expect, test } from 'vitest'
import { conversationHouse } from '../../../test/support/conversation-house.ts'
import type { SessionClaim } from '../notices/session-notice-store.ts'
import { aboutMark } from './button.ts'

const phone = '+5491112345678'
const nonce = '0f8c1c546d3f4c399d6c2d5a5b1c0e11'

/** A bot of which one session was told, under `nonce`; `isNewest`: whether words mean that one. */
function house({ isNewest = true } = {}) {
  const claims: SessionClaim[] = []
  const of = conversationHouse({
    people: [{ id: 'juan', name: 'Juan Pérez', document: '12345678' }],
    attested: [`${phone} juan`],
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
  expect(claims[0]).toEqual({ phone, nonce, chatKey: phone })
})

test('words mean what was told last, in any of the languages', async () => {
  const { turn, claims } = house()
  expect((await turn(phone, 'No fui yo!')).replies[0]!.text).toMatch(/^Listo: cerré/)
  expect((await turn(phone, 'não fui eu')).replies[0]!.text).toMatch(/^Pronto: encerrei/)
  expect((await turn(phone, "it wasn't me")).replies[0]!.text).toMatch(/^Done: I have ended/)
  expect(claims.map((claim) => claim.nonce)).toEqual([undefined, undefined, undefined])
})

test('where a document was told of since, words and its button mean that', async () => {
  const { turn, claims } = house({ isNewest: false })
  await turn(phone, '12345678')
  expect(eventsOf(await turn(phone, 'no fui yo'))).toEqual([
    { event: 'not_me', personId: 'juan', isAttested: true },
  ])
  const ana = '7b0e6f6e-6f8a-4d83-9a57-1d1a4a2b7f10'
  expect(eventsOf(await turn(phone, `${aboutMark(ana)}.do.not_me`, { isButton: true }))).toMatchObject([
    { personId: ana, isAttested: true },
  ])
  expect(claims).toHaveLength(1)
})

test('the button of a session that nobody knows any more ends nothing and unlinks nobody', async () => {
  const { turn } = house()
  await turn(phone, '12345678')
  const outcome = await turn(phone, `${'f'.repeat(32)}.do.not_me`, { isButton: true })
  expect(outcome.replies[0]!.text).toMatch(/^Gracias por avisar/)
  expect(eventsOf(outcome)).toMatchObject([{ event: 'not_me', isAttested: false }])
})

test('whoever only says to be that phone, or hides theirs, ends nothing', async () => {
  const { turn, claims } = house()
  await turn(phone, `${nonce}.do.not_me`, { isButton: true, isProof: false })
  await turn(phone, 'no fui yo', { isProof: false })
  await turn('whatsapp:AR.1', 'no fui yo')
  expect(claims).toEqual([])
})
