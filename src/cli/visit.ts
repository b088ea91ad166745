import { compose, type Portero } from '../compose/compose.ts'
import { openStorage } from '../compose/open-storage.ts'
import { warningsOf } from '../domain/log.ts'
import type { CommandWorld } from './command.ts'
import { loadFromWorld } from './load-from-world.ts'

/** Runs a command's work on the installation, beside a Portero that may be serving it, and closes everything again. */
export async function visit<T>(world: CommandWorld, work: (portero: Portero) => Promise<T>): Promise<T> {
  const { config } = loadFromWorld(world)
  // A command reports to whoever typed it; the log of the service is elsewhere.
  const log = warningsOf(world.log)
  const storage = await openStorage({ config, log, currentFolder: world.currentFolder }, 'visit')
  try {
    const portero = await compose({ config, storage, log, now: Date.now, providers: [] })
    try {
      return await work(portero)
    } finally {
      await portero.close()
    }
  } finally {
    await storage.close()
  }
}
