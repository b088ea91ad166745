import type { Bench, Row } from './bench.ts'
import { ask, startNode, waitedSeconds } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { median, percentile } from './support/median.ts'
import { dataFolder, publicUrl, signIn, startPortero } from './support/portero.ts'

/** What the client of this bench is to do. */
export type StreamTask = {
  readonly kind: 'events' | 'echoes' | 'hold' | 'count' | 'drop'
  readonly port: number
  readonly cookie: string
  readonly origin: string
  /** How many streams or sockets at once. */
  readonly count: number
  readonly seconds: number
}

const rounds = 5
const seconds = 1.5

/** What has to be known to read a latency on a machine that others use too. */
export function waitedNote(percent: number): string {
  return `Portero waited ${percent.toFixed(percent < 10 ? 1 : 0)} % of the time for its core, which others had`
}

/** What Portero adds to the latency of event streams and websockets. */
export const streams: Bench = {
  name: 'streams',
  steps: (1 + rounds) * 4,
  async run({ progress }) {
    const folder = await dataFolder()
    const upstream = await startNode('stream-upstream', { core: 'load' })
    const portero = await startPortero(folder.path, { core: 'tested', upstreamPort: upstream.port })
    const cookie = await signIn(portero)
    const client = await startNode('stream-client', { core: 'load' })
    const task = { cookie, origin: publicUrl, seconds, count: 20 }
    const p99 = (kind: StreamTask['kind'], port: number) => async () =>
      percentile(await ask<number[]>(client, { ...task, kind, port }), 0.99)
    const contenders = {
      eventsDirect: p99('events', upstream.port),
      events: p99('events', portero.port),
      echoesDirect: p99('echoes', upstream.port),
      echoes: p99('echoes', portero.port),
    }
    // Once unmeasured: what is compiled while it runs for the first time says nothing of the hours after.
    await interleave(1, contenders, progress)
    const [waitedBefore, startedAt] = [waitedSeconds(portero.pid), performance.now()]
    const did = await interleave(rounds, contenders, progress)
    const waited = waitedSeconds(portero.pid)! - waitedBefore!
    const waitedShare = (100_000 * waited) / (performance.now() - startedAt)
    await Promise.all([client.stop(), portero.stop(), upstream.stop()])
    await folder.remove()

    const added = (work: string, through: number[], direct: number[], atMost: number): Row => ({
      work,
      portero: `p99 ${median(through).toFixed(2)} ms`,
      beside: `direct p99 ${median(direct).toFixed(2)} ms`,
      figure: Math.max(0, median(through.map((ms, i) => ms - direct[i]!))),
      unit: 'ms',
      target: { atMost },
      ...(Number.isNaN(waitedShare) ? {} : { note: waitedNote(waitedShare) }),
    })
    return [
      added('event stream, added p99', did.events, did.eventsDirect, 2),
      added('websocket echo, added p99', did.echoes, did.echoesDirect, 1),
    ]
  },
}
