import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Row } from './bench.ts'
import { ask, pssKilobytes, startNode } from './support/children.ts'
import { peakMegabytesWhile } from './support/memory.ts'
import { dataFolder, signIn, startPortero } from './support/portero.ts'

/** What the client of this bench is to do. */
export type BodyTask = {
  readonly kind: 'upload' | 'download'
  readonly port: number
  readonly path: string
  readonly cookie: string
  /** Length of an upload. */
  readonly bytes: number
  /** How many downloads at once. */
  readonly count: number
}

const megabyte = 2 ** 20
const uploadBytes = 200 * megabyte
const downloads = 32
/** What V8 lets buffers grow to before it looks for dead ones. */
const flatMegabytes = 64

/** Whether Portero's memory stays flat while large bodies pass, whoever is slow. */
export const bodies: Bench = {
  name: 'bodies',
  steps: 4,
  async run({ progress }) {
    const folder = await dataFolder()
    const upstream = await startNode('body-upstream', { core: 'load' })
    const portero = await startPortero(folder.path, { core: 'tested', upstreamPort: upstream.port })
    const cookie = await signIn(portero)
    const client = await startNode('body-client', { core: 'load' })
    const task: BodyTask = {
      ...{ kind: 'upload', port: portero.port, path: '/fast', cookie },
      ...{ bytes: uploadBytes, count: downloads },
    }
    // The first upload also pays for what the process keeps from then on.
    await ask<number>(client, { ...task, bytes: 20 * megabyte })
    await sleep(2000)
    progress()

    const growth = async (work: string, asked: BodyTask, bytes: number): Promise<Row> => {
      const idle = pssKilobytes([portero.pid]) / 1024
      const startedAt = performance.now()
      const passed = ask<number>(client, asked)
      const peak = await peakMegabytesWhile(portero.pid, passed)
      if ((await passed) !== bytes) throw new Error(`${work}: ${await passed} bytes arrived of ${bytes}`)
      const seconds = (performance.now() - startedAt) / 1000
      progress()
      return {
        ...{ work: `${work}: memory above idle, at most`, portero: `${peak.toFixed(0)} MB` },
        ...{ beside: `idle ${idle.toFixed(0)} MB`, figure: Math.max(0, peak - idle), unit: 'MB' },
        target: { atMost: flatMegabytes },
        note: `PSS; ${(bytes / megabyte / seconds).toFixed(0)} MB/s`,
      }
    }
    const rows = [
      await growth('upload, 200 MB', task, uploadBytes),
      await growth('upload, 200 MB, slow upstream', { ...task, path: '/slow' }, uploadBytes),
      await growth(
        `${downloads} downloads of 10 MB at once, slow readers`,
        { ...task, kind: 'download', path: '/10mb' },
        downloads * 10 * megabyte,
      ),
    ]
    await Promise.all([client.stop(), portero.stop(), upstream.stop()])
    await folder.remove()
    return rows
  },
}
