import cluster from 'node:cluster'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running, start } from '../compose/start.ts'
import { inherit } from '../compose/worker.ts'
import { startWorkers } from '../compose/workers.ts'
import { isDemo } from '../config/demo.ts'
import type { Command, CommandWorld } from './command.ts'
import { loadFromWorld } from './load-from-world.ts'

/** Runs Portero until it is told to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'Runs Portero. Without any configuration it is a demo, for this machine.',
  async run(world) {
    if (cluster.isWorker) return serveAsWorker(world)
    const { config } = loadFromWorld(world)
    world.setLogLevel(config.log.level)
    // Heard from now on: told to stop while it starts, Portero must not leave its database behind.
    const toldToStop = untilToldToStop()
    const needs = { config, log: world.log, currentFolder: world.currentFolder, now: Date.now }
    const running = await (config.listen.workers > 1 ? startWorkers(needs) : startHere(needs))
    world.print(greeting(isDemo(config).demo, running.address, config.public_url))
    await toldToStop
    world.print('Portero stops: it lets what is under way finish.')
    await Promise.race([running.close(), sleep(20_000)])
  },
}

/** One of several processes behind one port: the first of them speaks for all. */
async function serveAsWorker(world: CommandWorld): Promise<void> {
  const { config, storage } = await inherit()
  world.setLogLevel(config.log.level)
  const { log, currentFolder } = world
  const running = await startHere({ config, storage, log, currentFolder, now: Date.now })
  await untilToldToStop()
  await Promise.race([running.close(), sleep(20_000)])
}

/** The doors are loaded here, because the other commands need none of them and would wait for it. */
async function startHere(needs: Parameters<typeof start>[0]): Promise<Running> {
  const { start } = await import('../compose/start.ts')
  return start(needs)
}

async function untilToldToStop(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
}

function greeting(
  isForShow: boolean,
  { address, port }: Pick<AddressInfo, 'address' | 'port'>,
  publicUrl: string | undefined,
): string {
  const here = `http://${address.includes(':') ? `[${address}]` : address}:${port}`
  if (!isForShow) return `Portero is ready on ${here}${publicUrl === undefined ? '' : `, for ${publicUrl}`}.`
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
