import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs SQL by the real psql, as somebody does who pastes it there; what it prints, without the last line break. */
export async function psql(url: string, sql: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C' }
  const { stdout } = await run('psql', ['-X', '-v', 'ON_ERROR_STOP=1', url, '-c', sql], { env })
  return stdout.trimEnd()
}
