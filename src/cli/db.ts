import { openStorage } from '../compose/open-storage.ts'
import { warningsOf } from '../domain/log.ts'
import type { Command } from './command.ts'
import { loadFromWorld } from './load-from-world.ts'

/** Prints how to reach the database. */
export const dbUrl: Command = {
  name: 'db url',
  summary:
    'Prints the connection string of the database, which psql takes. Its own server answers while Portero runs.',
  async run(world) {
    const { config } = loadFromWorld(world)
    const log = warningsOf(world.log)
    const storage = await openStorage({ config, log, currentFolder: world.currentFolder }, 'visit')
    try {
      world.print(storage.adminUrl ?? storage.url)
    } finally {
      await storage.close()
    }
  },
}
