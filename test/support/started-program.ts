import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** Any way of starting Portero, in a process of its own. */
export type StartedProgram = {
  readonly pid: number
  /** Where it listens, once it is ready. */
  readonly url: string
  /** Everything that it has printed. */
  output(): string
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
}

/** Starts a program that serves, and resolves when it says that it is ready. Rejects with what it said when it ends before that. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<StartedProgram> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  closed.catch(() => {})
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk))
  for (;;) {
    const [, url] = /Portero is ready\D*?(https?:\/\/[^\s/]*?:\d+)/.exec(output) ?? []
    if (url !== undefined)
      return {
        pid: child.pid!,
        url,
        output: () => output,
        stop: async () => {
          child.kill('SIGTERM')
          await closed
          return child.exitCode
        },
      }
    if ((await Promise.race([closed, sleep(25, 'still')])) !== 'still')
      throw new Error(`${command} ended with ${child.exitCode}: ${output}`)
  }
}
