import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, cp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { linkLibraries, type PostgresBinaries } from './postgres-binaries.ts'
import { type DatabaseUser, identity, serverEnvironment } from './run-as.ts'

/** Programs that the database user was seen to be able to run. */
export type UsablePostgres = { postgres: string; initdb: string; pgCtl: string; major: number }

/**
 * Makes the installed PostgreSQL runnable by the database user: links missing libraries, and where that user cannot
 * reach the package (a checkout in a private home, say) or the package cannot be mended in place, copies it into
 * the data folder. Refuses with a StartupProblem when it runs in neither place.
 */
export async function usablePostgres(
  installed: PostgresBinaries,
  dataDir: string,
  user: DatabaseUser | undefined,
): Promise<UsablePostgres> {
  // A folder that cannot be written may still be complete: the try below tells.
  await linkLibraries(installed.nativeFolder).catch(() => {})
  const inPlace = await tryPrograms(installed.nativeFolder, user).catch(() => undefined)
  if (inPlace !== undefined) return inPlace
  const copy = join(dataDir, `binaries-${installed.version}`)
  await copyPrograms(installed.nativeFolder, copy)
  return await tryPrograms(join(copy, 'native'), user).catch((cause) => {
    throw new StartupProblem(
      `The embedded PostgreSQL does not run on this system (${reason(cause)}). It needs a Linux with glibc, macOS, or Windows; elsewhere, set DATABASE_URL to a PostgreSQL of your own.`,
      cause,
    )
  })
}

async function tryPrograms(nativeFolder: string, user: DatabaseUser | undefined): Promise<UsablePostgres> {
  const program = (name: string) =>
    join(nativeFolder, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  const postgres = program('postgres')
  const { stdout } = await promisify(execFile)(postgres, ['--version'], {
    cwd: '/',
    env: serverEnvironment,
    ...identity(user),
  })
  const major = Number(/(\d+)/.exec(stdout)?.[1])
  return { postgres, initdb: program('initdb'), pgCtl: program('pg_ctl'), major }
}

async function copyPrograms(nativeFolder: string, copy: string): Promise<void> {
  if (await stat(copy).catch(() => undefined)) return
  const unfinished = `${copy}.${randomBytes(4).toString('hex')}`
  await cp(nativeFolder, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
  await linkLibraries(join(unfinished, 'native'))
  for (const opened of [unfinished, join(unfinished, 'native')]) await chmod(opened, 0o755)
  await rename(unfinished, copy).catch(async (error) => {
    // Another Portero was faster, with the same files.
    await rm(unfinished, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'EPERM') throw error
  })
}

function reason(cause: unknown): string {
  const { stderr, code } = cause as { stderr?: string; code?: string | number }
  return stderr?.trim().split('\n')[0] || String(code ?? cause)
}
