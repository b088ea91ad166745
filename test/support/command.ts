import { run } from '../../src/cli/run.ts'
import { silentLog } from '../../src/domain/log.ts'
import type { Env } from './portero-process.ts'

/** Runs `portero …` inside the test: all of a command but the half second that a process takes to start. */
export async function command(
  env: Env,
  ...argv: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed: string[] = []
  const complained: string[] = []
  const world = {
    ...{ env, currentFolder: '/', log: silentLog, setLogLevel: () => {} },
    print: (line: string) => void printed.push(`${line}\n`),
  }
  const code = await run(argv, world, (line) => void complained.push(`${line}\n`))
  return { code, stdout: printed.join(''), stderr: complained.join('') }
}
