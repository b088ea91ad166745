import { createSecretKey, randomBytes } from 'node:crypto'
import pg from 'pg'
import { withAccess } from '../../src/adapters/postgres/database-url.ts'
import { apiKeyStore } from '../../src/adapters/store/api-key-store.ts'
import { appAccountStore } from '../../src/adapters/store/app-account-store.ts'
import { challengeStore } from '../../src/adapters/store/challenge-store.ts'
import { chatStore } from '../../src/adapters/store/chat-store.ts'
import { deliveryStore } from '../../src/adapters/store/delivery-store.ts'
import { eventStore } from '../../src/adapters/store/event-store.ts'
import { inboundSignInStore } from '../../src/adapters/store/inbound-sign-in-store.ts'
import { linkStore } from '../../src/adapters/store/link-store.ts'
import { migrate } from '../../src/adapters/store/migrate.ts'
import { noticeStore } from '../../src/adapters/store/notice-store.ts'
import { type Database, openDatabase } from '../../src/adapters/store/open-database.ts'
import { peopleStore } from '../../src/adapters/store/people-store.ts'
import { recognitionStore } from '../../src/adapters/store/recognition-store.ts'
import { requestStore } from '../../src/adapters/store/request-store.ts'
import { sessionStore } from '../../src/adapters/store/session-store.ts'
import { signInLinkStore } from '../../src/adapters/store/sign-in-link-store.ts'
import { documentProof } from '../../src/domain/documents/document-proof.ts'
import { silentLog } from '../../src/domain/log.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { openPostgres15 } from './postgres-15.ts'

/** Every store on one migrated database, as a replica of Portero has them. */
export type Stores = ReturnType<typeof storesOn> & {
  /** As the superuser: for moving rows into the past, and for looking. */
  readonly query: TestDatabase['query']
  /** As the owner. */
  readonly url: string
  close(): Promise<void>
}

const documentKey = createSecretKey(randomBytes(32))

/** The stores over one pool. */
export function storesOn(database: Database) {
  return {
    database,
    challengeStore: challengeStore(database, 'people.example'),
    sessionStore: sessionStore(database, 'people.example'),
    peopleStore: peopleStore(database, 'people.example'),
    deliveryStore: deliveryStore(database),
    inboundSignInStore: inboundSignInStore(database),
    signInLinkStore: signInLinkStore(database, 'people.example'),
    apiKeyStore: apiKeyStore(database),
    appAccountStore: appAccountStore(database, 'people.example'),
    chatStore: chatStore(database),
    requestStore: requestStore(database),
    noticeStore: noticeStore(database),
    eventStore: eventStore(database),
    recognitionStore: recognitionStore(database, (document) => documentProof(documentKey, document)),
    linkStore: linkStore(database, (document) => documentProof(documentKey, document)),
  }
}

/** A pool wide enough for races, and patient: in a storm everybody waits. */
export function openTestPool(url: string): Database {
  return openDatabase({ url, poolSize: 20, timeoutMs: 15_000, log: silentLog })
}

/** The stores on a database of this test file's own, in the run's PostgreSQL. */
export async function openStores(): Promise<Stores> {
  return storesIn(await testDatabase())
}

/** The stores on a PostgreSQL 15 of their own. */
export async function openStoresOn15(): Promise<Stores> {
  const server = await openPostgres15()
  await migrate({ adminUrl: server.ownerUrl, log: silentLog })
  const pool = new pg.Pool({
    connectionString: withAccess(server.superuserUrl, { database: 'portero' }),
    max: 2,
  })
  pool.on('error', () => {})
  return storesIn({
    url: server.ownerUrl,
    superuserUrl: server.superuserUrl,
    query: async <Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []) =>
      (await pool.query<Row>(sql, params)).rows,
    close: async () => {
      await pool.end()
      await server.close()
    },
  })
}

function storesIn({ url, query, close }: TestDatabase): Stores {
  const database = openTestPool(url)
  return {
    ...storesOn(database),
    query,
    url,
    close: async () => {
      await database.close()
      await close()
    },
  }
}
