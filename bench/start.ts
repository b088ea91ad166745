import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { pssKilobytes } from './support/children.ts'
import { median } from './support/median.ts'
import { dataFolder, postgresOf, startPortero } from './support/portero.ts'

const rounds = 4
const idleSeconds = 4

/** How long `portero serve` takes to be ready with a database that exists, and what it takes of memory when idle. */
export const startAndMemory: Bench = {
  name: 'start',
  steps: rounds + 1,
  async run({ progress }) {
    const folder = await dataFolder()
    const first = await startPortero(folder.path, { core: 'any' })
    await first.stop()
    progress()
    const startMs: number[] = []
    const nodeMegabytes: number[] = []
    const postgresMegabytes: number[] = []
    for (let round = 0; round < rounds; round++) {
      const portero = await startPortero(folder.path, { core: 'any' })
      startMs.push(portero.startMs)
      // Memory is asked for once: it is the waiting that takes time.
      if (round === rounds - 1) {
        await sleep(idleSeconds * 1000)
        nodeMegabytes.push(pssKilobytes([portero.pid]) / 1024)
        postgresMegabytes.push(pssKilobytes(postgresOf(folder.path)) / 1024)
      }
      await portero.stop()
      progress()
    }
    await folder.remove()
    const absolute = (work: string, figure: number, unit: string, atMost: number) => ({
      ...{ work, portero: '', beside: '', figure, unit, target: { atMost } },
      note: 'run from the sources, with types stripped at each start',
    })
    return [
      absolute('start with an existing embedded database', median(startMs) / 1000, 's', 1.5),
      absolute('memory when idle, Node (PSS)', median(nodeMegabytes), 'MB', 160),
      absolute('memory when idle, PostgreSQL (PSS)', median(postgresMegabytes), 'MB', 50),
    ]
  },
}
