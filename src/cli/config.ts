import { printConfig } from '../config/print.ts'
import type { Command } from './command.ts'
import { loadFromWorld } from './load-from-world.ts'

/** Says whether the configuration can be used. */
export const configCheck: Command = {
  name: 'config check',
  summary: 'Says whether the configuration can be used, and everything that is wrong with it.',
  async run(world) {
    loadFromWorld(world)
    world.print('The configuration can be used.')
  },
}

/** Shows what Portero would run on. */
export const configPrint: Command = {
  name: 'config print',
  summary: 'Prints the configuration in force and where each value comes from; secrets are masked.',
  async run(world) {
    const { config, sources } = loadFromWorld(world)
    world.print(printConfig(config, sources))
  },
}
