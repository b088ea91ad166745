import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { ask, type Child, cpuSeconds, startChild, startNode } from './children.ts'

/** One stretch of load on one server. */
export type Load = {
  readonly port: number
  /** The request, byte for byte. */
  readonly request: string
  /** The only status that counts. */
  readonly status: number
  readonly connections: number
  readonly seconds: number
}

export type LoadCount = { readonly requests: number; readonly seconds: number }

/** What a stretch of load came to. */
export type Measured = {
  /** Requests for each second of the clock. */
  readonly perSecond: number
  /**
   * Requests for each second of processor time that the tested processes used: what one core does when nothing else is
   * on it. Where the system does not tell it, the same as `perSecond`.
   */
  readonly perCoreSecond: number
}

/** Puts load on servers, from a core of its own. */
export type Generator = {
  readonly name: string
  /** Measures a server that consists of the processes `pids`. */
  measure(load: Load, pids: readonly number[]): Promise<Measured>
}

/** `wrk` where it is installed, for it leaves the most to the tested; otherwise a small one of ours. */
export async function openGenerator(): Promise<Generator> {
  const own = await startNode('load', { core: 'load' })
  const hasWrk = spawnSync('wrk', ['-v']).error === undefined
  return {
    name: hasWrk ? 'wrk' : 'bench/children/load.ts',
    async measure(load, pids) {
      // Also finds out whether the answer is the expected one, of which wrk knows nothing.
      const tried = await ask<LoadCount>(own, { ...load, seconds: 0.3 })
      if (tried.requests === 0) throw new Error(`nothing answers on port ${load.port}`)
      const before = cpuSeconds(pids)
      const { requests, seconds } = hasWrk ? await runWrk(load) : await ask<LoadCount>(own, load)
      const after = cpuSeconds(pids)
      const used = before === undefined || after === undefined ? seconds : after - before
      return { perSecond: requests / seconds, perCoreSecond: requests / used }
    },
  }
}

async function runWrk({ port, request, connections, seconds }: Load): Promise<LoadCount> {
  const [line, ...lines] = request.trimEnd().split('\r\n')
  const headers = lines.flatMap((header) => ['-H', header])
  const target = line!.split(' ')[1]!
  const wrk: Child = startChild(
    'wrk',
    ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}`, ...headers, `http://127.0.0.1:${port}${target}`],
    { core: 'load' },
  )
  let text = ''
  wrk.process.stdout!.on('data', (chunk: Buffer) => {
    text += chunk
  })
  await once(wrk.process, 'close')
  const [, requests, taken] = /(\d+) requests in ([\d.]+)s/.exec(text) ?? []
  if (requests === undefined || / (?:connect|read|write|timeout) [1-9]/.test(text))
    throw new Error(`wrk failed: ${text}`)
  return { requests: Number(requests), seconds: Number(taken) }
}
