import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Row } from './bench.ts'
import { ask, pssKilobytes, startNode } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { median, percentile } from './support/median.ts'
import { dataFolder, publicUrl, signIn, startPortero } from './support/portero.ts'

/** What the client of this bench is to do. */
export type StreamTask = {
  readonly kind: 'events' | 'echoes' | 'hold' | 'drop'
  readonly port: number
  readonly cookie: string
  readonly origin: string
  /** How many streams or sockets at once. */
  readonly count: number
  readonly seconds: number
}

const rounds = 3
const seconds = 1.5
const idleSockets = 1000

/** What Portero adds to the latency of event streams and websockets, and what an idle websocket costs. */
export const streams: Bench = {
  name: 'streams',
  steps: rounds * 4 + 1,
  async run({ progress }) {
    const folder = await dataFolder()
    const upstream = await startNode('stream-upstream', { core: 'load' })
    const portero = await startPortero(folder.path, { core: 'tested', upstreamPort: upstream.port })
    const cookie = await signIn(portero)
    const client = await startNode('stream-client', { core: 'load' })
    const task = { cookie, origin: publicUrl, seconds, count: 20 }
    const p99 = (kind: StreamTask['kind'], port: number) => async () =>
      percentile(await ask<number[]>(client, { ...task, kind, port }), 0.99)
    const did = await interleave(
      rounds,
      {
        eventsDirect: p99('events', upstream.port),
        events: p99('events', portero.port),
        echoesDirect: p99('echoes', upstream.port),
        echoes: p99('echoes', portero.port),
      },
      progress,
    )

    const hold = { ...task, port: portero.port, count: idleSockets }
    // The first thousand also pays for what the process keeps from then on.
    await ask(client, { ...hold, kind: 'hold' })
    await ask(client, { ...hold, kind: 'drop' })
    await sleep(2000)
    const before = pssKilobytes([portero.pid])
    await ask(client, { ...hold, kind: 'hold' })
    await sleep(2000)
    const each = (pssKilobytes([portero.pid]) - before) / idleSockets
    progress()
    await Promise.all([client.stop(), portero.stop(), upstream.stop()])
    await folder.remove()

    const added = (work: string, through: number[], direct: number[], atMost: number): Row => ({
      work,
      portero: `p99 ${median(through).toFixed(2)} ms`,
      beside: `direct p99 ${median(direct).toFixed(2)} ms`,
      figure: Math.max(0, median(through.map((ms, i) => ms - direct[i]!))),
      unit: 'ms',
      target: { atMost },
    })
    return [
      added('event stream, added p99', did.events, did.eventsDirect, 2),
      added('websocket echo, added p99', did.echoes, did.echoesDirect, 1),
      {
        work: `idle websocket, of ${idleSockets.toLocaleString('en')}`,
        ...{ portero: '', beside: '', figure: each, unit: 'KB', target: { atMost: 25 } },
      },
    ]
  },
}
