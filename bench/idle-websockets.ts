import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { type StreamTask, waitedNote } from './streams.ts'
import { ask, pssKilobytes, startNode, waitedSeconds } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { median, percentile } from './support/median.ts'
import { dataFolder, publicUrl, signIn, startPortero } from './support/portero.ts'

const idleSockets = 5000
const rounds = 5

/** What idle websockets cost in memory, and what they cost those that are not idle. */
export const idleWebsockets: Bench = {
  name: 'idle-websockets',
  steps: 2 + rounds * 2,
  async run({ progress }) {
    const folder = await dataFolder()
    const upstream = await startNode('stream-upstream', { core: 'load' })
    const portero = await startPortero(folder.path, { core: 'tested', upstreamPort: upstream.port })
    const cookie = await signIn(portero)
    const holder = await startNode('stream-client', { core: 'load' })
    const client = await startNode('stream-client', { core: 'load' })
    const task: StreamTask = {
      ...{ kind: 'echoes', port: portero.port, cookie, origin: publicUrl, count: 20, seconds: 1.5 },
    }
    // The first time also pays for what the process keeps from then on.
    await ask(holder, { ...task, kind: 'hold', count: idleSockets })
    await ask(holder, { ...task, kind: 'drop' })
    await sleep(3000)
    progress()
    const before = pssKilobytes([portero.pid])
    await ask(holder, { ...task, kind: 'hold', count: idleSockets })
    await sleep(3000)
    const each = (pssKilobytes([portero.pid]) - before) / idleSockets
    progress()
    const p99 = (port: number) => async () => percentile(await ask<number[]>(client, { ...task, port }), 0.99)
    const [waitedBefore, startedAt] = [waitedSeconds(portero.pid), performance.now()]
    const did = await interleave(rounds, { direct: p99(upstream.port), through: p99(portero.port) }, progress)
    const waited = waitedSeconds(portero.pid)! - waitedBefore!
    const waitedShare = (100_000 * waited) / (performance.now() - startedAt)
    const [open] = await ask<number[]>(holder, { ...task, kind: 'count' })
    await Promise.all([holder.stop(), client.stop(), portero.stop(), upstream.stop()])
    await folder.remove()
    if (open !== idleSockets) throw new Error(`of ${idleSockets} idle websockets ${open} were left`)
    const all = idleSockets.toLocaleString('en')
    return [
      {
        ...{ work: `idle websocket, of ${all}`, portero: '', beside: '', figure: each, unit: 'KB' },
        target: { atMost: 25 },
      },
      {
        work: `websocket echo beside ${all} idle ones, added p99`,
        portero: `p99 ${median(did.through).toFixed(2)} ms`,
        beside: `direct p99 ${median(did.direct).toFixed(2)} ms`,
        figure: Math.max(0, median(did.through.map((ms, i) => ms - did.direct[i]!))),
        unit: 'ms',
        target: { atMost: 1 },
        ...(Number.isNaN(waitedShare) ? {} : { note: waitedNote(waitedShare) }),
      },
    ]
  },
}
