import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** A process of the bench's own. */
export type Child = {
  readonly pid: number
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** Which core a process is to have for itself: the program under test, or what puts load on it. */
export type Core = 'tested' | 'load' | 'any'

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).error === undefined
const cores: Record<Core, string | undefined> = { tested: '0', load: '1', any: undefined }

/** Whether processes get cores of their own here. */
export const isPinned = canPin

const running = new Set<Child>()
// However the bench ends, it leaves nothing running.
process.on('exit', () => {
  for (const child of running) child.process.kill()
})

/** Starts a program, pinned to its core where that is possible. Its stdout can be read, and it can be talked to by IPC. */
export function startChild(
  command: string,
  args: readonly string[],
  { core, env = {} }: { core: Core; env?: Readonly<Record<string, string>> },
): Child {
  const cpu = canPin ? cores[core] : undefined
  const pinned = cpu === undefined ? [command, ...args] : ['taskset', '-c', cpu, command, ...args]
  const started = spawn(pinned[0]!, pinned.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })
  const child: Child = {
    pid: started.pid!,
    process: started,
    async stop() {
      running.delete(child)
      if (started.exitCode !== null || started.signalCode !== null) return
      const gone = once(started, 'exit')
      started.kill('SIGTERM')
      const overdue = setTimeout(() => started.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(overdue)
    },
  }
  running.add(child)
  return child
}

/** Starts one of the programs in `children/`; resolves with the port that it says it listens on, or 0 when it has none. */
export async function startNode(
  name: string,
  options: { core: Core; env?: Readonly<Record<string, string>> },
): Promise<Child & { port: number }> {
  const file = new URL(`../children/${name}.ts`, import.meta.url).pathname
  const child = startChild(process.execPath, [file], options)
  const [{ port }] = (await once(child.process, 'message')) as [{ port: number }]
  return { ...child, port }
}

/** Asks a child of ours and resolves with what it answers. */
export function ask<Answer>({ pid, process: asked }: Child, question: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const died = (): void => reject(new Error(`the child ${pid} died while it was asked`))
    asked.once('exit', died)
    asked.once('message', (answer) => {
      asked.off('exit', died)
      resolve(answer as Answer)
    })
    asked.send(question)
  })
}

/** Stops whatever still runs. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()))
}

/** Seconds of processor time that these processes have used so far; undefined where the system does not tell. */
export function cpuSeconds(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => sum + cpuTicks(pid) / 100, 0)
  } catch {
    return undefined
  }
}

/**
 * For how many seconds the main thread of a process could have run so far, while its core was given to others; undefined where
 * the system does not tell.
 */
export function waitedSeconds(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e9
  } catch {
    return undefined
  }
}

// proc_pid_stat(5): fields 14 and 15, counted behind the name, which may hold anything.
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** The processes that a process has started, and theirs. */
export function descendants(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map<number, number>()
  for (const name of all) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It ended while we looked.
    }
  }
  const found: number[] = []
  const visit = (of: number): void => {
    for (const [child, parent] of parents) {
      if (parent !== of) continue
      found.push(child)
      visit(child)
    }
  }
  visit(pid)
  return found
}

/** Memory of processes in KB, shared pages divided among those that share them. */
export function pssKilobytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    return sum + Number(/^Pss:\s+(\d+)/m.exec(text)![1])
  }, 0)
}
