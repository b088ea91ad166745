import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { StartupProblem } from '../../domain/startup-problem.ts'
import type { DatabaseUser } from './run-as.ts'

/** The fixed places inside a data folder. */
export function placesIn(dataDir: string) {
  return {
    cluster: join(dataDir, 'postgres'),
    log: join(dataDir, 'postgres.log'),
    superuserPassword: join(dataDir, 'superuser.password'),
    ownerPassword: join(dataDir, 'owner.password'),
  }
}

const oursInside = ['postgres', 'run', 'keys', 'superuser.password']

/**
 * Makes the data folder: 0700, or 0711 under root, where the database user must pass through it. A folder that holds
 * other people's files keeps its mode. Refuses with a StartupProblem what cannot be made or reached.
 */
export async function prepareDataFolder(dataDir: string, user: DatabaseUser | undefined): Promise<void> {
  const mode = user === undefined ? 0o700 : 0o711
  try {
    const firstMade = await mkdir(dataDir, { recursive: true, mode })
    // A strict umask may have closed the folders in between, too.
    for (let made = dataDir; firstMade !== undefined && made !== dirname(firstMade); made = dirname(made)) {
      await chmod(made, mode)
    }
    const names = await readdir(dataDir)
    if (names.length === 0 || names.some((name) => oursInside.includes(name))) await chmod(dataDir, mode)
  } catch (cause) {
    throw new StartupProblem(
      `The data folder ${dataDir} cannot be used (${(cause as NodeJS.ErrnoException).code}). Make it writable for the user that runs Portero, or choose another one with data_dir.`,
      cause,
    )
  }
  if (user !== undefined && !(await canEnter(dataDir, user))) {
    throw new StartupProblem(
      `Portero runs as root and its database as ${user.name}, who cannot reach the data folder ${dataDir}. Choose one with data_dir that everybody may pass through to (/var/lib/portero, say), or run Portero as an ordinary user.`,
    )
  }
}

/**
 * Makes the folder of the unix socket, 0700, and returns it: `run` in the data folder, or where that path is too long
 * for a socket, a short one in the system's folder for temporary files that belongs to this data folder alone.
 */
export async function prepareSocketFolder(dataDir: string, user: DatabaseUser | undefined): Promise<string> {
  const usual = join(dataDir, 'run')
  // sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the closing zero.
  const bytesMax = process.platform === 'darwin' ? 103 : 107
  const fits = Buffer.byteLength(join(usual, '.s.PGSQL.5432')) <= bytesMax
  const mark = createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex')
    .slice(0, 16)
  const folder = fits ? usual : join(await realpath(tmpdir()), `portero-${mark}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  const wantedUid = user?.uid ?? process.getuid?.()
  const isOurs = found.uid === wantedUid || found.uid === process.getuid?.()
  if (!found.isDirectory() || !isOurs) {
    throw new StartupProblem(
      `The folder ${folder}, which the database needs for its socket, belongs to somebody else. Remove it, or choose a shorter data_dir.`,
    )
  }
  await giveTo(folder, user)
  await chmod(folder, 0o700)
  return folder
}

/** Hands a file or folder to the database user, where that is not ourselves. */
export async function giveTo(path: string, user: DatabaseUser | undefined): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid)
}

/** Whether the mode bits let this user pass through a folder and all above it; of one to be made, those that exist. */
export async function canEnter(folder: string, user: DatabaseUser): Promise<boolean> {
  for (let step = await nearestExisting(resolve(folder)); ; step = dirname(step)) {
    const { mode, uid, gid } = await stat(step)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (step === dirname(step)) return true
  }
}

async function nearestExisting(path: string): Promise<string> {
  const found = await realpath(path).catch(() => undefined)
  return found ?? (await nearestExisting(dirname(path)))
}
