import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from '../compose/start.ts'
import type { Command } from './command.ts'
import { loadFromWorld } from './load-from-world.ts'

/** Runs Portero until it is told to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'Runs Portero. Without any configuration it is a demo, for this machine.',
  async run(world) {
    const { config } = loadFromWorld(world)
    world.setLogLevel(config.log.level)
    const running = await start({ config, log: world.log, currentFolder: world.currentFolder, now: Date.now })
    const { address, port } = running.server.address() as AddressInfo
    world.print(greeting(running.demo, address, port, config.public_url))
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    world.print('Portero stops: it lets what is under way finish.')
    await Promise.race([running.close(), sleep(20_000)])
  },
}

function greeting(
  demo: { on: boolean },
  address: string,
  port: number,
  publicUrl: string | undefined,
): string {
  const here = `http://${address.includes(':') ? `[${address}]` : address}:${port}`
  if (!demo.on) return `Portero is ready on ${here}${publicUrl === undefined ? '' : `, for ${publicUrl}`}.`
  return [
    '',
    `  Portero is ready, as a demo: ${here}`,
    '',
    `  A phone to play with:  ${here}/_portero/demo`,
    `  The app behind:        ${here}/`,
    `  The API, to try out:   ${here}/_portero/api/docs`,
    '',
  ].join('\n')
}
