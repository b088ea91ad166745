import { createSecretKey } from 'node:crypto'
import pg from 'pg'
import { withAccess } from '../src/adapters/postgres/database-url.ts'
import { openEmbeddedServer } from '../src/adapters/postgres/embedded-server.ts'
import { prepareEmbeddedDatabase } from '../src/adapters/postgres/prepare-embedded-database.ts'
import { migrate } from '../src/adapters/store/migrate.ts'
import { type Database, openDatabase } from '../src/adapters/store/open-database.ts'
import { recognitionStore } from '../src/adapters/store/recognition-store.ts'
import { documentProof } from '../src/domain/documents/document-proof.ts'
import { silentLog } from '../src/domain/log.ts'
import { canonicalPhone } from '../src/domain/phones/phone-number.ts'
import type { Bench } from './bench.ts'
import { interleave } from './support/interleave.ts'
import { median } from './support/median.ts'
import { dataFolder } from './support/portero.ts'

const few = 10_000
const many = Number(process.env.PORTERO_BENCH_LINKS ?? 1_000_000)
/** Rows that are filled in at once, between two steps of the progress bar. */
const slice = 50_000
const rounds = 9
const seconds = 2
const firstPhone = 5_491_140_000_000

/** Recognising a phone among a million links (`PORTERO_BENCH_LINKS` says how many) beside ten thousand: the message of a bot, from memory to access log. */
export const recognition: Bench = {
  name: 'recognition',
  steps: Math.ceil(few / slice) + Math.ceil(many / slice) + rounds * 2,
  async run({ progress }) {
    const folder = await dataFolder()
    const server = await openEmbeddedServer({ dataDir: folder.path, log: silentLog })
    const { ownerUrl } = await prepareEmbeddedDatabase({
      superuserUrl: server.superuserUrl,
      dataDir: folder.path,
    })
    const opened: Database[] = []
    const open = async (name: string, links: number) => {
      await asSuperuser(server.superuserUrl, [`create database ${name} owner portero`])
      const url = withAccess(ownerUrl, { database: name })
      await migrate({ adminUrl: url, log: silentLog })
      await fill(withAccess(server.superuserUrl, { database: name }), links, progress)
      const database = openDatabase({ url, poolSize: 5, timeoutMs: 10_000, log: silentLog })
      opened.push(database)
      const key = createSecretKey(Buffer.alloc(32))
      const store = recognitionStore(database, (document) => documentProof(key, document))
      return () => microsecondsEach(store, links)
    }
    try {
      const small = await open('bench_few', few)
      const large = await open('bench_many', many)
      await Promise.all([small(), large()])
      const did = await interleave(rounds, { few: small, many: large }, progress)
      const microseconds = (list: readonly number[]) => `${Math.round(median(list)).toLocaleString('en')} µs`
      return [
        {
          work: `recognising a phone, ${many.toLocaleString('en')} links`,
          portero: microseconds(did.many),
          beside: `${few.toLocaleString('en')} links ${microseconds(did.few)}`,
          figure: median(did.many.map((one, i) => one / did.few[i]!)),
          unit: '×',
          target: { atMost: 1.3 },
          note: 'time for each, one after the other',
        },
      ]
    } finally {
      await Promise.all(opened.map((database) => database.close()))
      await server.close()
      await folder.remove()
    }
  },
}

/** One phone after the other, anywhere among them, for a while. */
async function microsecondsEach(store: ReturnType<typeof recognitionStore>, links: number): Promise<number> {
  const startedAt = performance.now()
  let done = 0
  while (performance.now() - startedAt < seconds * 1000) {
    const { person } = await store.recognise(
      canonicalPhone(`+${firstPhone + Math.floor(Math.random() * links)}`),
    )
    if (person === undefined) throw new Error('somebody was not recognised')
    done++
  }
  return ((performance.now() - startedAt) * 1000) / done
}

/** People and links, as another program would write them; foreign keys are not looked at one by one. */
async function fill(superuserUrl: string, links: number, progress: () => void): Promise<void> {
  const id = `('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid`
  for (let from = 0; from < links; from += slice) {
    const range = `generate_series(${from}, ${Math.min(from + slice, links) - 1}) as i`
    await asSuperuser(superuserUrl, [
      'set session_replication_role = replica',
      `insert into public.usuarios (id, nombre, dni) select ${id}, 'Ana', (10000000 + i)::text from ${range}`,
      `insert into public.telefono_usuario (telefono, usuario_id, ultimo_acceso, created_at)
       select '+' || (${firstPhone} + i::bigint), ${id}, now(), now() from ${range}`,
    ])
    progress()
  }
  await asSuperuser(superuserUrl, ['vacuum analyze public.usuarios, public.telefono_usuario', 'checkpoint'])
}

async function asSuperuser(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
