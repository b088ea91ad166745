import { loadavg } from 'node:os'
import pg from 'pg'
import { runPortero } from '../test/support/portero-process.ts'
import type { Bench, Row } from './bench.ts'
import { ask, cpuSeconds, startNode } from './support/children.ts'
import { median, percentile } from './support/median.ts'
import { dataFolder, postgresOf, startPortero } from './support/portero.ts'

/** Messages that come at a steady pace, each from another phone. */
export type ChatLoad = {
  readonly port: number
  readonly appSecret: string
  readonly phoneNumberId: string
  /** In digits; the following ones write too. */
  readonly firstPhone: number
  readonly perSecond: number
  readonly seconds: number
  /** What WhatsApp takes for its answer. */
  readonly answersAfterMs: number
  /** For how long answers are waited for, from the first message on. */
  readonly patienceSeconds: number
}

export type ChatLoadResult = {
  readonly ackMs: number[]
  /** From the webhook until the reply reached WhatsApp. */
  readonly replyMs: number[]
  readonly refused: number
  readonly unanswered: number
  readonly tookMs: number
}

const rounds = 3
/** Of ten phones nine belong to somebody known. */
const phones = { first: 5_491_140_000_000, count: 40_000 }
/** Phones that are filled in at once, between two steps of the progress bar. */
const slice = 5000
const answersAfterMs = 100
const appSecret = 'the secret of an app that is only here'
const phoneNumberId = '106540352242922'

/** The bot on its own database, with WhatsApp beside it: how soon webhooks are acknowledged, and answers on their way. */
export const bot: Bench = {
  name: 'bot',
  steps: Math.ceil(phones.count / slice) + 1 + rounds + 3,
  async run({ progress }) {
    const folder = await dataFolder()
    const whatsapp = await startNode('chat-phones', { core: 'any' })
    const portero = await startPortero(folder.path, {
      core: 'any',
      env: {
        PORTERO_WHATSAPP__PHONE_NUMBER_ID: phoneNumberId,
        PORTERO_WHATSAPP__ACCESS_TOKEN: 'a-token-of-nobody',
        PORTERO_WHATSAPP__APP_SECRET: appSecret,
        PORTERO_WHATSAPP__VERIFY_TOKEN: 'a-word-of-the-bench',
        PORTERO_WHATSAPP__BASE_URL: `http://127.0.0.1:${whatsapp.port}`,
      },
    })
    const database = await connect(folder.path)
    try {
      await fill(database, progress)
      let next = phones.first
      const load = (perSecond: number, seconds: number, over: Partial<ChatLoad> = {}) => {
        const firstPhone = next
        next += perSecond * seconds
        return ask<ChatLoadResult>(whatsapp, {
          ...{ port: portero.port, appSecret, phoneNumberId, firstPhone, perSecond, seconds, answersAfterMs },
          patienceSeconds: seconds + 20,
          ...over,
        } satisfies ChatLoad)
      }
      // Plans are made, connections opened.
      await load(40, 3)
      progress()
      const steady: ChatLoadResult[] = []
      const used = () =>
        [[portero.pid], postgresOf(folder.path)].map((pids) => cpuSeconds(pids) ?? Number.NaN)
      const before = used()
      for (let round = 0; round < rounds; round++) {
        steady.push(await load(80, 10))
        progress()
      }
      const messages = steady.reduce((sum, { ackMs }) => sum + ackMs.length, 0)
      const [node, postgres] = used().map((seconds, i) =>
        (((seconds - before[i]!) * 1000) / messages).toFixed(1),
      )
      const burst = await load(200, 10, { patienceSeconds: 60 })
      progress()
      const stalled = await whileNobodyIsRecognised(database, () => load(80, 5))
      progress()
      // Last, since it may leave a queue behind.
      const greater = await load(500, 10, { patienceSeconds: 60 })
      progress()
      const note = `${answersAfterMs} ms in WhatsApp for each; load of the machine ${loadavg()[0]!.toFixed(1)}`
      const p = (of: (result: ChatLoadResult) => number[], share: number) =>
        median(steady.map((result) => percentile(of(result), share)))
      const ms = (work: string, figure: number, atMost: number, told: string): Row => ({
        ...{ work, portero: '', beside: '', figure, unit: 'ms', target: { atMost }, note: told },
      })
      return [
        ms(
          'bot, 80 messages/s: acknowledged, p99',
          p(({ ackMs }) => ackMs, 0.99),
          50,
          note + lost(steady),
        ),
        ms(
          'bot, 80 messages/s: reply on its way, p95',
          p(({ replyMs }) => replyMs, 0.95),
          150,
          `${note}; processor time for each: Node ${node} ms, PostgreSQL ${postgres} ms`,
        ),
        drained('bot, burst of 200 messages/s for 10 s: last reply after', burst, 30),
        drained('bot, burst of 500 messages/s for 10 s: last reply after', greater),
        ms(
          'bot, 80 messages/s: acknowledged while nobody can be recognised, p99',
          percentile(stalled.ackMs, 0.99),
          200,
          note + lost([stalled]),
        ),
      ]
    } finally {
      await database.end()
      await Promise.all([portero.stop(), whatsapp.stop()])
      await folder.remove()
    }
  },
}

function drained(work: string, result: ChatLoadResult, atMost?: number): Row {
  const acknowledged = percentile(result.ackMs, 0.99)
  return {
    ...{ work, portero: '', beside: '', figure: result.tookMs / 1000, unit: 's' },
    target: atMost === undefined ? undefined : { atMost },
    note: `acknowledged p99 ${acknowledged.toFixed(0)} ms${lost([result])}`,
  }
}

function lost(results: readonly ChatLoadResult[]): string {
  const sum = (of: (result: ChatLoadResult) => number) => results.reduce((all, one) => all + of(one), 0)
  const [refused, unanswered] = [sum((one) => one.refused), sum((one) => one.unanswered)]
  return refused + unanswered === 0 ? '' : `; ${refused} refused, ${unanswered} unanswered`
}

/** As the owner of the tables, the way an operator gets there. */
async function connect(dataDir: string): Promise<pg.Client> {
  const { stdout } = await runPortero(['db', 'url'], { PORTERO_DATA_DIR: dataDir })
  const client = new pg.Client({ connectionString: stdout.trim() })
  await client.connect()
  return client
}

/** Everybody on record, and nine of ten remembered on their phone. */
async function fill(database: pg.Client, progress: () => void): Promise<void> {
  for (let from = 0; from < phones.count; from += slice) {
    await database.query(
      `with people as (
         insert into public.usuarios (nombre, apellido, dni)
         select 'Ana', 'Souza', (10000000 + i)::text from generate_series($2::int, $3::int - 1) as i returning id, dni::bigint - 10000000 as place
       )
       insert into public.telefono_usuario (telefono, usuario_id, ultimo_acceso, created_at)
       select '+' || ($1::bigint + place), id, now(), now() from people where place % 10 <> 0`,
      [phones.first, from, Math.min(from + slice, phones.count)],
    )
    progress()
  }
  await database.query('analyze public.usuarios, public.telefono_usuario')
}

/** Holds up all that the worker does, as a slow database would. */
async function whileNobodyIsRecognised<Result>(
  database: pg.Client,
  work: () => Promise<Result>,
): Promise<Result> {
  await database.query('begin')
  await database.query('lock table public.telefono_usuario in access exclusive mode')
  const working = work()
  await new Promise((resolve) => setTimeout(resolve, 6000))
  await database.query('commit')
  return await working
}
