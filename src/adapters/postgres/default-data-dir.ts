import { join } from 'node:path'
import { canEnter } from './data-folder.ts'
import { databaseUser } from './run-as.ts'

/**
 * Where the data goes when `data_dir` is not set: `.portero` in the given folder, or /var/lib/portero when Portero
 * runs as root in a folder that the database's user cannot reach (root's own home, say).
 */
export async function defaultDataDir(currentFolder: string): Promise<string> {
  const here = join(currentFolder, '.portero')
  const user = await databaseUser(join(here, 'postgres'))
  return user === undefined || (await canEnter(currentFolder, user)) ? here : '/var/lib/portero'
}
