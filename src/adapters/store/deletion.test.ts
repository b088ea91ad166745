import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  atOnce,
  challengeAnswer,
  challengeRequest,
  newCaller,
  newPhone,
  newSession,
} from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'

/** As many families at once, each with two things that meet. */
const families = 50

let stores: Stores
/** An older program, which knows nothing of Portero's tables. */
let older: pg.Pool
beforeAll(async () => {
  stores = await openStores()
  older = new pg.Pool({ connectionString: stores.url, max: 12 })
})
afterAll(async () => {
  await older.end()
  await stores.close()
})

/** Ana and Beto on one phone, Ana signed in on a device of her own, a stranger who wants to be her, and a code that waits. */
type Family = {
  readonly phone: PhoneNumber
  readonly anaId: string
  readonly betoId: string
  readonly sessionId: string
  readonly deviceHash: Buffer
  readonly challengeId: string
  readonly nonce: string
  readonly requestId: string
}

async function family(): Promise<Family> {
  const [phone, stranger, deviceHash] = [newPhone(), newPhone(), randomBytes(32)]
  const { challengeStore, recognitionStore } = stores
  const person = async (name: string) => {
    const [row] = await stores.query<{ id: string }>(
      'insert into public.usuarios (nombre) values ($1) returning id',
      [name],
    )
    await recognitionStore.link(phone, row!.id, 'attested', 'api')
    return row!.id
  }
  const ask = async () => {
    const asked = await challengeStore.requestChallenge(challengeRequest(phone))
    if (asked.outcome === 'refused') throw new Error('no code')
    return asked.seed.challengeId
  }
  const [betoId, anaId] = [await person('Beto'), await person('Ana')]
  const session = { ...newSession, newDeviceHash: deviceHash }
  const verified = await challengeStore.verifyChallenge(challengeAnswer(phone, await ask(), { session }))
  if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
  const [request] = await stores.query<{ id: string }>(
    'insert into portero.link_requests (phone, is_proof, person_id, at) values ($1, true, $2, now()) returning id',
    [stranger, anaId],
  )
  await stores.query(
    `with pairs as (update portero.phone_people set last_used_at = now() - interval '2 hours' where phone = $1 and person_id = $2),
          seen as (update portero.sessions set last_seen_at = now() - interval '1 hour' where phone = $1)
     update public.telefono_usuario set ultimo_acceso = now() - interval '1 hour' where telefono = $1`,
    [phone, anaId],
  )
  const [notice] = await stores.query<{ nonce: string }>(
    'update portero.session_notices set told_at = now(), due_at = null where phone = $1 returning nonce',
    [phone],
  )
  return {
    ...{ phone, anaId, betoId, sessionId: verified.session.id, deviceHash, challengeId: await ask() },
    ...{ nonce: notice!.nonce, requestId: request!.id },
  }
}

type Act = (of: Family) => Promise<unknown>

const acts = {
  'somebody is deleted': ({ anaId }) => older.query('delete from public.usuarios where id = $1', [anaId]),
  'a phone is forgotten': ({ phone }) => stores.recognitionStore.forget(phone, 'everybody'),
  'a device is forgotten': ({ deviceHash }) => stores.sessionStore.forgetDevice(deviceHash),
  '“that was not me”': ({ phone, nonce }) => stores.noticeStore.disown({ phone, nonce }, 60),
  'a block': ({ anaId }) => stores.peopleStore.setState(anaId, 'blocked'),
  'an approval': ({ requestId }) => stores.linkStore.decideRequest(requestId, true),
  'a use of the session': ({ sessionId }) => stores.sessionStore.touchSession(sessionId),
  'a switch to another': ({ sessionId, betoId: personId }) =>
    stores.sessionStore.switchPerson({
      ...{ sessionId, personId, idleLinkDays: 180, sessionsMax: 20, caller: newCaller() },
    }),
  'a code in the same browser': ({ phone, challengeId, sessionId, deviceHash }) =>
    stores.challengeStore.verifyChallenge(
      challengeAnswer(phone, challengeId, {
        deviceHash,
        session: { ...newSession, replacesSessionId: sessionId, newDeviceHash: randomBytes(32) },
      }),
    ),
} satisfies Record<string, Act>

const meetings: readonly (readonly [keyof typeof acts, keyof typeof acts])[] = [
  ['somebody is deleted', '“that was not me”'],
  ['somebody is deleted', 'a switch to another'],
  ['somebody is deleted', 'a code in the same browser'],
  ['somebody is deleted', 'an approval'],
  ['somebody is deleted', 'a use of the session'],
  ['somebody is deleted', 'a block'],
  ['a phone is forgotten', 'a use of the session'],
  ['a device is forgotten', 'a code in the same browser'],
]

describe('two at the same moment, neither of which fails:', () => {
  test.each(meetings)('%s, %s', async (...both) => {
    for (let round = 0; round < 2; round += 1) {
      const all = await atOnce(families, family)
      const failures: string[] = []
      await atOnce(families * 2, async (i) => {
        const act: Act = acts[both[i % 2]!]
        await act(all[Math.floor(i / 2)]!).catch((error) => failures.push(String(error.cause ?? error)))
      })
      expect(failures).toEqual([])
    }
  })
})
