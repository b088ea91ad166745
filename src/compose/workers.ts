import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '../adapters/store/migrate.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { openStorage } from './open-storage.ts'
import type { Inheritance } from './worker.ts'

/** Several processes that share one port and one database. */
export type RunningWorkers = {
  readonly address: Pick<AddressInfo, 'address' | 'port'>
  /** Lets every worker finish what is under way, then closes the storage. */
  close(): Promise<void>
}

type Needs = { config: Config; log: Log; currentFolder: string }

/** Longer than a worker lets its requests finish. */
const stopPatienceMs = 15_000
const backoff = { firstMs: 250, maxMs: 30_000 }
/** A worker that lived this long started well; the next one need not wait for what befell it. */
const soundAfterMs = 10_000

/**
 * Opens the storage once, brings the database up to date, and starts `listen.workers` processes that serve from it; one that
 * dies is replaced, the longer after, the quicker they die. Resolves when all of them listen. Rejects with a StartupProblem
 * when one of them cannot start. When this process dies, so do they.
 */
export async function startWorkers({ config, log, currentFolder }: Needs): Promise<RunningWorkers> {
  const storage = await openStorage({ config, log, currentFolder }, 'serve')
  let inheritance: Inheritance
  const closing = new AbortController()
  const workers = new Set<Worker>()
  const keeping: Promise<void>[] = []
  // `undefined` inside the configuration survives this way alone.
  cluster.setupPrimary({ serialization: 'advanced' })

  function employ(): Worker {
    const worker = cluster.fork()
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
    // It asks when it can hear; the environment and the command line would show the secrets to others.
    worker.once('message', () => worker.send(inheritance))
    worker.once('listening', () => log.info({ worker: worker.process.pid }, 'a worker listens'))
    return worker
  }

  async function keepReplacing(first: Worker): Promise<void> {
    let delayMs = backoff.firstMs
    for (let worker = first; ; worker = employ()) {
      const startedAt = performance.now()
      const [code, signal] = await once(worker, 'exit')
      if (closing.signal.aborted) return
      if (performance.now() - startedAt > soundAfterMs) delayMs = backoff.firstMs
      log.error(
        { worker: worker.process.pid, code, signal, delay_ms: delayMs },
        'a worker died; starting another',
      )
      await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => {})
      if (closing.signal.aborted) return
      delayMs = Math.min(delayMs * 2, backoff.maxMs)
    }
  }

  async function close(): Promise<void> {
    closing.abort()
    const leaving = [...workers].map((worker) => once(worker, 'exit'))
    for (const worker of workers) worker.process.kill('SIGTERM')
    const overdue = setTimeout(() => {
      for (const worker of workers) worker.process.kill('SIGKILL')
    }, stopPatienceMs)
    await Promise.all([...leaving, ...keeping])
    clearTimeout(overdue)
    await storage.close()
  }

  try {
    if (storage.adminUrl !== undefined)
      await migrate({ adminUrl: storage.adminUrl, people: config.people, log })
    const { url, secrets } = storage
    const listen = { ...config.listen, port: await portFor(config.listen) }
    inheritance = { config: { ...config, listen }, storage: { url, secrets } }
    const first = Array.from({ length: config.listen.workers }, employ)
    const [address] = await Promise.all(first.map(listening))
    keeping.push(...first.map(keepReplacing))
    return { address: address!, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** Port 0 is any free one, but the same one for every worker, whenever it comes. */
async function portFor({ host, port }: Config['listen']): Promise<number> {
  if (port !== 0) return port
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const { port: free } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return free
}

/** Where a worker listens. Rejects with a StartupProblem when it ends before that. */
function listening(worker: Worker): Promise<RunningWorkers['address']> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new StartupProblem('A worker process did not start; it says above why.'))
    worker.once('exit', ended)
    worker.once('listening', ({ address, port }) => {
      worker.off('exit', ended)
      resolve({ address, port })
    })
  })
}
