import type { AddressInfo } from 'node:net'
import { start } from '../../src/compose/start.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Log } from '../../src/domain/log.ts'
import { type TestDatabase, testDatabase } from './database.ts'

/** A Portero inside the test, on a database of its own: everything real but the process. */
export type PorteroInProcess = {
  readonly url: string
  readonly port: number
  readonly database: TestDatabase
  readonly logged: { facts: object; text: string }[]
  close(): Promise<void>
}

export const testSecret = 'a secret of the tests that is long enough to be one'

/** The environment in which a demo works on a database from elsewhere, so that codes are shown. */
export function demoEnv(database: Pick<TestDatabase, 'url'>, env: Record<string, string> = {}) {
  return {
    DATABASE_URL: database.url,
    PORTERO_KEYS__SECRETS: testSecret,
    PORTERO_DEMO: 'true',
    PORT: '0',
    ...env,
  }
}

/** Starts one; `env` is laid over that of `demoEnv`, and an empty value takes a name out of it. */
export async function openPorteroInProcess(
  env: Record<string, string> = {},
  now: () => number = Date.now,
): Promise<PorteroInProcess> {
  const database = await testDatabase()
  const logged: { facts: object; text: string }[] = []
  const line = (facts: object, text: string) => void logged.push({ facts, text })
  const log: Log = { info: line, warn: line, error: line }
  const given = Object.entries(demoEnv(database, env)).filter(([, value]) => value !== '')
  const config = loadConfig({ env: Object.fromEntries(given), readFile: nothing })
  const running = await start({ config, log, currentFolder: '/', now }).catch(async (error) => {
    await database.close()
    throw error
  })
  const { port } = running.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    database,
    logged,
    async close() {
      await running.close()
      await database.close()
    },
  }
}

function nothing(): never {
  throw Object.assign(new Error('no file'), { code: 'ENOENT' })
}
