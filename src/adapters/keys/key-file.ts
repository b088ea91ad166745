import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { passwordFrom } from '../../lib/secret-file.ts'

/** Where an installation with a database of its own keeps its secrets: one a line, the one in use first. */
export function keyFileIn(dataDir: string): string {
  return join(dataDir, 'keys', 'secrets')
}

/**
 * The secrets in the key file, which is made (0600, 192 random bits) when there is none. However many processes ask at
 * once, all get the same. Refuses with a StartupProblem a file whose secrets are too short to be secrets.
 */
export async function readOrMakeSecrets(dataDir: string): Promise<[string, ...string[]]> {
  const file = keyFileIn(dataDir)
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 })
  await chmod(join(dataDir, 'keys'), 0o700)
  await passwordFrom(file)
  const secrets = (await readFile(file, 'utf8')).split('\n').flatMap((line) => line.trim() || [])
  const [first, ...rest] = secrets
  if (first === undefined || secrets.some((secret) => secret.length < 32)) {
    throw new StartupProblem(
      `The key file ${file} does not hold secrets of at least 32 characters, one a line. Restore it from a backup; without it every session and code made so far is worthless. To begin anew with new keys, move it away together with the database.`,
    )
  }
  return [first, ...rest]
}
