import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type GraphApi, type GraphFault, openGraphApi } from './graph-api.ts'
import { pastLeases } from './past-leases.ts'
import { databasePid, isAlive, openPortero, type PorteroProcess } from './portero-process.ts'
import { type Chance, seededChance } from './seeded-chance.ts'
import { type StormMessage, type StormPhone, stormPhones, stormWebhooks } from './storm-scripts.ts'
import { until } from './until.ts'

export type StormSize = {
  readonly seed: number
  readonly phones: number
  /** Messages of each phone. */
  readonly each: number
  /** How often Portero is killed. */
  readonly kills: number
  /** How often the database is killed under it. */
  readonly databaseKills: number
  /** Whether leases of the dead, and pauses before another try, are moved into the past instead of being waited for. */
  readonly isHurried: boolean
}

/** What is left after a storm. */
export type Storm = {
  readonly graph: GraphApi
  readonly portero: PorteroProcess
  readonly phones: readonly StormPhone[]
  readonly deliveries: number
  readonly webhooks: number
  /** Webhooks that were not answered 200 at once, and came again. */
  readonly repeatedWebhooks: number
  readonly kills: number
  /** Until everything was answered. */
  readonly seconds: number
  /** SQL as the owner. */
  query<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

const webhooksAtOnce = 24
/** At most so long after the last webhook. */
const quietWithinMs = 240_000

/**
 * Brings a storm of messages to a real Portero with a database of its own, as Meta does, kills them at moments that the seed
 * decides, starts Portero again each time, and resolves when nothing is left to be done.
 */
export async function whatsappStorm(size: StormSize): Promise<Storm> {
  const chance = seededChance(size.seed)
  const graph = await openGraphApi()
  graph.weather.next = () => weather(chance, size.isHurried)
  const portero = await openPortero({
    PORTERO_PUBLIC_URL: 'http://localhost:8081',
    PORTERO_DELIVERY__CONSOLE: 'true',
    PORTERO_PEOPLE__ADMISSION: 'open',
    PORTERO_PAGES__NAME: 'Instituto Sur',
    PORTERO_WHATSAPP__PHONE_NUMBER_ID: graph.phoneNumberId,
    PORTERO_WHATSAPP__ACCESS_TOKEN: graph.accessToken,
    PORTERO_WHATSAPP__APP_SECRET: graph.appSecret,
    PORTERO_WHATSAPP__VERIFY_TOKEN: graph.verifyToken,
    PORTERO_WHATSAPP__BASE_URL: graph.url,
  })
  const pool = new pg.Pool({ connectionString: (await portero.run('db', 'url')).stdout.trim(), max: 2 })
  pool.on('error', () => {})
  const query = async <Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []) =>
    (await pool.query<Row>(sql, params)).rows
  const close = async () => {
    await pool.end()
    await portero.dispose()
    await graph.close()
  }

  try {
    if (!(await graph.subscribe(`${portero.url}/_portero/webhooks/whatsapp`)))
      throw new Error('the webhook was not accepted')
    const phones = stormPhones(graph, chance, size.phones, size.each)
    await query(
      `insert into public.usuarios (id, nombre, apellido, dni)
       select p.id, split_part(p.name, ' ', 1), split_part(p.name, ' ', 2), p.document
         from jsonb_to_recordset($1::jsonb) as p (id uuid, name text, document text)`,
      [JSON.stringify(phones.flatMap(({ people }) => people))],
    )
    const webhooks = stormWebhooks(phones, chance)
    const startedAt = performance.now()
    const progress = { brought: 0, repeated: 0 }
    await Promise.all([
      bring(graph, webhooks, progress),
      kill(size, chance, { portero, query, webhooks: webhooks.length, progress }),
    ])
    await quiet(query, size.isHurried)
    return {
      ...{ graph, portero, phones, query, close },
      deliveries: webhooks.flat().length,
      webhooks: webhooks.length,
      repeatedWebhooks: progress.repeated,
      kills: size.kills + size.databaseKills,
      seconds: (performance.now() - startedAt) / 1000,
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Query = Storm['query']
type Progress = { brought: number; repeated: number }

/** What WhatsApp does with a reply: mostly it takes it at once. */
function weather(chance: Chance, isHurried: boolean): GraphFault {
  const draw = chance.next()
  if (draw < 0.05) return { afterMs: chance.below(300) }
  if (draw < 0.06) return { code: 131016, status: 500 }
  if (draw < 0.065) return { code: 130429, status: 429, retryAfterSeconds: 1 }
  if (draw < 0.07) return { code: 131056, status: 400 }
  if (draw < 0.075) return 'breaks'
  if (draw < 0.077) return 'garbage'
  return draw < 0.078 && !isHurried ? 'hangs' : 'none'
}

/** Several at once, each until it is answered 200: from then on nobody brings it again. */
async function bring(
  graph: GraphApi,
  webhooks: readonly StormMessage[][],
  progress: Progress,
): Promise<void> {
  const queue = [...webhooks]
  const worker = async (): Promise<void> => {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const changes = batch.map(({ change }) => change)
      const [first] = await graph.deliver(changes, { retries: 0 })
      const [last] = first === 200 ? [first] : await graph.deliver(changes, { retries: 12 })
      if (last !== 200) throw new Error(`a webhook was answered ${last} to the end`)
      if (first !== 200) progress.repeated++
      progress.brought++
    }
  }
  await Promise.all(Array.from({ length: webhooksAtOnce }, worker))
}

/** Kills at moments of the storm, never two at once, and has Portero ready again before the next. */
async function kill(
  { kills, databaseKills, isHurried }: StormSize,
  chance: Chance,
  of: { portero: PorteroProcess; query: Query; webhooks: number; progress: Progress },
): Promise<void> {
  const { portero, query, webhooks, progress } = of
  const count = kills + databaseKills
  const isOfDatabase = new Set(
    Array.from({ length: databaseKills }, (_, i) => Math.floor(((i + 0.5) * count) / databaseKills)),
  )
  for (let i = 0; i < count; i++) {
    const moment = webhooks * ((i + 0.2 + 0.7 * chance.next()) / count)
    while (progress.brought < moment) await sleep(2)
    // Not only just after an answer.
    await sleep(chance.below(50))
    if (isOfDatabase.has(i)) {
      await killDatabase(portero, query)
    } else {
      await portero.kill9()
      if (isHurried) await pastLeases(query)
      await portero.restart()
    }
  }
}

/** The server and everything that works for it, and waits until Portero has started it again. */
async function killDatabase({ dataDir }: PorteroProcess, query: Query): Promise<void> {
  const pid = await databasePid(dataDir)
  if (pid === undefined) throw new Error('there is no database to kill')
  process.kill(pid, 'SIGKILL')
  while (isAlive(pid)) await sleep(5)
  await until(async () => (await query('select 1').catch(() => [])).length > 0)
}

/** Waits until every message is decided, every reply settled, and nobody has a chat. */
async function quiet(query: Query, isHurried: boolean): Promise<void> {
  const isOpen = `select (select count(*) from portero.inbox where decided_at is null)
    + (select count(*) from portero.outbox where due_at is not null) + (select count(*) from portero.chats where due_at is not null) as open`
  for (let waited = 0; ; waited += 100) {
    const [row] = await query<{ open: string }>(isOpen).catch(() => [{ open: '?' }])
    if (row!.open === '0') return
    if (waited > quietWithinMs) throw new Error(`${row!.open} things are left undone`)
    if (isHurried)
      await query('update portero.outbox set due_at = now() where due_at > now() and not is_taken').catch(
        () => {},
      )
    await sleep(100)
  }
}
