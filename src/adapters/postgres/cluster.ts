import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { giveTo } from './data-folder.ts'
import { type DatabaseUser, identity, serverEnvironment } from './run-as.ts'
import type { UsablePostgres } from './usable-postgres.ts'

/** A cluster's folder, and what it takes to make one. */
export type ClusterNeeds = {
  cluster: string
  programs: UsablePostgres
  user: DatabaseUser | undefined
  superuserPassword: string
}

/**
 * Makes the cluster where there is none: in a temporary folder that is renamed when it is whole, so that a kill
 * leaves no half of one, and of several processes the fastest wins. Refuses with a StartupProblem a cluster of
 * another major version, or a folder that is no cluster.
 */
export async function ensureCluster(needs: ClusterNeeds): Promise<void> {
  if (await isUsableCluster(needs)) return
  const unfinished = `${needs.cluster}.init-${randomBytes(4).toString('hex')}`
  try {
    await initialise(unfinished, needs)
    await rename(join(unfinished, 'cluster'), needs.cluster)
  } catch (cause) {
    if (await isUsableCluster(needs)) return
    throw new StartupProblem(
      `The embedded database could not be made in ${needs.cluster}: ${firstLine(cause)}. Is there space on the disk, and may Portero write there?`,
      cause,
    )
  } finally {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {})
  }
}

/**
 * Removes what killed initialisations left, as far as that goes: one that is still under way, of a Portero that will be
 * refused, may write faster. To be called by the folder's owner alone.
 */
export async function removeUnfinishedClusters(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}.init-`)) continue
    await rm(join(dirname(folder), name), { recursive: true, force: true }).catch(() => {})
  }
}

/** Writes the cluster's postgresql.conf, whole or not at all. */
export async function writeSettings(
  folder: string,
  user: DatabaseUser | undefined,
  settings: string,
): Promise<void> {
  const unfinished = join(folder, `postgresql.conf.${randomBytes(4).toString('hex')}`)
  await writeFile(unfinished, settings, { mode: 0o600 })
  await giveTo(unfinished, user)
  await rename(unfinished, join(folder, 'postgresql.conf'))
}

async function isUsableCluster({ cluster: folder, programs }: ClusterNeeds): Promise<boolean> {
  let version: string
  try {
    version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT') {
      throw new StartupProblem(
        `The database in ${folder} cannot be read (${code}). Start Portero as the user who made it.`,
        cause,
      )
    }
    const names = await readdir(folder).catch(() => [])
    if (names.length === 0) return false
    throw new StartupProblem(
      `The folder ${folder} holds files, but no PostgreSQL database. Move it away, or choose another data_dir.`,
    )
  }
  if (version === String(programs.major)) return true
  throw new StartupProblem(
    `The database in ${folder} was made by PostgreSQL ${version}; this Portero brings PostgreSQL ${programs.major}, which cannot read it. Start the earlier Portero version and write the database out with pg_dump (\`portero db url\` says where it is); then move the folder away, start this version, and read it in with psql. To begin anew, only move the folder away.`,
  )
}

async function initialise(unfinished: string, needs: ClusterNeeds): Promise<void> {
  const passwordFile = join(unfinished, 'password')
  await mkdir(unfinished, { mode: 0o700 })
  await writeFile(passwordFile, needs.superuserPassword, { mode: 0o600 })
  for (const path of [unfinished, passwordFile]) await giveTo(path, needs.user)
  // PostgreSQL's own provider sorts alike on every system; it came with 17.
  const locale =
    needs.programs.major >= 17 ? ['--locale-provider=builtin', '--locale=C.UTF-8'] : ['--locale=C']
  await promisify(execFile)(
    needs.programs.initdb,
    [
      ...['--pgdata', join(unfinished, 'cluster'), '--username=postgres', `--pwfile=${passwordFile}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', ...locale, '--no-instructions'],
    ],
    { cwd: '/', env: serverEnvironment, ...identity(needs.user) },
  )
}

function firstLine(cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message: string }
  return (stderr?.trim() || message).split('\n')[0]!
}
