import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { simulatorDelivery } from '../src/adapters/delivery/simulator.ts'
import { challengeStore } from '../src/adapters/store/challenge-store.ts'
import type { Database } from '../src/adapters/store/open-database.ts'
import { compose, type Portero } from '../src/compose/compose.ts'
import { openStorage } from '../src/compose/open-storage.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Caller } from '../src/domain/access/caller.ts'
import { silentLog } from '../src/domain/log.ts'
import { requestCode } from '../src/domain/otp/request-code.ts'
import { verifyCode } from '../src/domain/otp/verify-code.ts'
import { canonicalPhone, type PhoneNumber } from '../src/domain/phones/phone-number.ts'
import type { Bench } from './bench.ts'
import { interleave } from './support/interleave.ts'
import { median } from './support/median.ts'
import { dataFolder } from './support/portero.ts'

const rounds = 5
const seconds = 2
const connections = 8

/** Whole sign-ins, from the request to the session, against the same statements in a plain loop of `pg`. */
export const requestVerify: Bench = {
  name: 'request-verify',
  steps: rounds * 2,
  async run({ progress }) {
    const folder = await dataFolder()
    const many = '10000000'
    const config = loadConfig({
      env: {
        PORTERO_DEMO: 'true',
        PORTERO_DATA_DIR: folder.path,
        PORTERO_DATABASE__POOL_SIZE: String(connections),
        PORTERO_DATABASE__TIMEOUT_MS: '10000',
        ...Object.fromEntries(
          ['PREFIX_SENDS_PER_HOUR', 'REGION_SENDS_PER_HOUR', 'REGION_SENDS_PER_DAY', 'SERVICE_SENDS_PER_HOUR']
            .concat('SERVICE_SENDS_PER_DAY')
            .map((name) => [`PORTERO_LIMITS__${name}`, many]),
        ),
      },
      readFile: () => {
        throw Object.assign(new Error('no file'), { code: 'ENOENT' })
      },
    })
    const storage = await openStorage({ config, log: silentLog, currentFolder: '/' }, 'serve')
    const providers = [simulatorDelivery({ now: Date.now })]
    const portero = await compose({ config, storage, log: silentLog, now: Date.now, providers })
    const clients = await Promise.all(Array.from({ length: connections }, () => connectPlainly(storage.url)))
    try {
      // A database that has never counted its rows plans as if there were none.
      await flowsPerSecond(() => signIn(portero))
      await clients[0]!.query('reset role; analyze; set role portero_runtime')
      const did = await interleave(
        rounds,
        {
          portero: () => flowsPerSecond(() => signIn(portero)),
          plain: async () => {
            const statements = await recordStatements(portero, Math.ceil(seconds * 2500))
            return flowsPerSecond((worker) => replay(clients[worker]!, statements))
          },
        },
        progress,
      )
      const perSecond = (list: number[]): string => `${Math.round(median(list)).toLocaleString('en')} flows/s`
      return [
        {
          work: `request and verify, ${connections} connections`,
          portero: perSecond(did.portero),
          beside: `same SQL in a pg loop ${perSecond(did.plain)}`,
          figure: median(did.portero.map((count, i) => count / did.plain[i]!)),
          unit: '×',
          target: { atLeast: 0.4 },
        },
      ]
    } finally {
      await Promise.all(clients.map((client) => client.end()))
      await portero.deliver.idle()
      await portero.close()
      await storage.close()
      await folder.remove()
    }
  },
}

/** Does whole flows on every connection for a while. */
async function flowsPerSecond(flow: (worker: number) => Promise<void>): Promise<number> {
  let flows = 0
  const startedAt = performance.now()
  const endsAt = startedAt + seconds * 1000
  const drive = async (worker: number): Promise<void> => {
    while (performance.now() < endsAt) {
      await flow(worker)
      flows++
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, worker) => drive(worker)))
  return (flows * 1000) / (performance.now() - startedAt)
}

let people = 0

/** A phone and an address that nobody had before. */
function somebody(): { phone: PhoneNumber; caller: Caller } {
  const n = people++
  const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
  return {
    phone: canonicalPhone(`+55119${60_000_000 + n}`),
    caller: {
      ...{
        address,
        addressKey: address,
        networkKey: undefined,
        port: 40_000,
        userAgent: 'bench',
        door: 'api',
      },
      ...{ reference: 'BENCH', apiKeyId: undefined, deviceToken: undefined, budgetFactor: 1 },
    },
  }
}

type Needs = Parameters<typeof requestCode>[0] & Parameters<typeof verifyCode>[0]

async function signIn(needs: Needs): Promise<void> {
  const { phone, caller } = somebody()
  const asked = { phone, caller, channel: undefined, locale: 'es', hold: 'asker', holds: undefined } as const
  const { challengeId, code } = await requestCode(needs, asked)
  await verifyCode(needs, {
    ...{ phone, caller, challengeId, code: code! },
    ...{ holdSecret: undefined, isShared: false, replacesSessionId: undefined },
  })
}

type Statement = { text: string; values: unknown[] }
type Statements = { request: Statement; verify: Statement }[]

/** What the domain would send to the database for so many flows, without a database. */
async function recordStatements(portero: Portero, count: number): Promise<Statements> {
  const sent: Statement[] = []
  const rows = async (text: string, values: readonly unknown[]): Promise<unknown[]> => {
    if (text.includes('request_challenge')) {
      sent.push({ text, values: [...values] })
      const [challenge_id, salt, key_id] = [values[0], values[19], values[20]]
      return [{ outcome: 'sent', challenge_id, salt, key_id, channel: 'sms', digits: 6, expires_in: 300 }]
    }
    if (text.includes('verify_challenge')) {
      sent.push({ text, values: [...values] })
      return [{ outcome: 'wrong' }]
    }
    return portero.database.rows(text, values)
  }
  const database = { ...portero.database, rows } as Database
  const needs = { ...portero, challengeStore: challengeStore(database, 'bench.invalid') }
  const deliver = { ...portero.deliver, start: () => {} }
  // To be told that the code was wrong ends each flow, after both statements are known.
  for (let i = 0; i < count; i++) await signIn({ ...needs, deliver }).catch(() => {})
  return Array.from({ length: count }, (_, i) => ({ request: sent[2 * i]!, verify: sent[2 * i + 1]! }))
}

const settle = `update portero.deliveries set state = 'accepted', provider_message_id = $2, settled_at = clock_timestamp(),
  calling_until = null where id = $1 and state = 'calling'`

/** The statements of one flow, one after the other; the settling in the background, as in Portero. */
async function replay(client: pg.Client, statements: Statements): Promise<void> {
  const { request, verify } = statements.pop()!
  const { rows } = await client.query({ name: 'request', ...request })
  const settled = client.query({
    name: 'settle',
    text: settle,
    values: [rows[0].delivery_id, randomBytes(8).toString('hex')],
  })
  const answer = await client.query({ name: 'verify', ...verify })
  await settled
  if (answer.rows[0].outcome !== 'signed_in') throw new Error(`the plain loop got ${answer.rows[0].outcome}`)
}

async function connectPlainly(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query("set timezone = 'UTC'; set role portero_runtime")
  return client
}
