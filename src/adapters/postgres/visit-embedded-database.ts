import { readFile } from 'node:fs/promises'
import type { Log } from '../../domain/log.ts'
import { placesIn } from './data-folder.ts'
import { databaseUrl } from './database-url.ts'
import { openEmbeddedServer } from './embedded-server.ts'
import { prepareEmbeddedDatabase } from './prepare-embedded-database.ts'
import { findRunningServer } from './running-server.ts'

/** The database of a data folder, for as long as a command needs it. */
export type EmbeddedVisit = {
  readonly ownerUrl: string
  /** Whether a Portero (or an orphan of one) was serving it already; then it goes on after the visit. */
  readonly wasRunning: boolean
  close(): Promise<void>
}

/** Uses the server that runs on this data folder, or starts it and stops it again at the end. */
export async function visitEmbeddedDatabase(options: { dataDir: string; log: Log }): Promise<EmbeddedVisit> {
  const places = placesIn(options.dataDir)
  const running = await findRunningServer(places.cluster)
  const password = await readFile(places.ownerPassword, 'utf8').catch(() => undefined)
  if (running?.address !== undefined && password !== undefined) {
    const access = { user: 'portero', password: password.trim(), database: 'portero' }
    return { ownerUrl: databaseUrl(running.address, access), wasRunning: true, close: async () => {} }
  }
  const server = await openEmbeddedServer(options)
  const { ownerUrl } = await prepareEmbeddedDatabase({
    superuserUrl: server.superuserUrl,
    dataDir: options.dataDir,
  })
  return { ownerUrl, wasRunning: false, close: () => server.close() }
}
