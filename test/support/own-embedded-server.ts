import { openEmbeddedServer } from '../../src/adapters/postgres/embedded-server.ts'
import { silentLog } from '../../src/domain/log.ts'

/**
 * A process that owns the embedded server of the folder given to it until it is killed. Says in one line of JSON
 * what it got: the server's address, or the message with which it was refused.
 */
const [dataDir] = process.argv.slice(2)
try {
  const server = await openEmbeddedServer({ dataDir: dataDir!, log: silentLog })
  process.stdout.write(
    `${JSON.stringify({ superuserUrl: server.superuserUrl, wasAdopted: server.wasAdopted })}\n`,
  )
  process.once('SIGTERM', () => server.close())
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refusal: (error as Error).message })}\n`)
}
