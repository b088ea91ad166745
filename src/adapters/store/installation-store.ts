import { StartupProblem } from '../../domain/startup-problem.ts'
import type { Database } from './open-database.ts'

/** The id of the installation that this database belongs to. */
export async function readInstallationId(database: Database): Promise<string> {
  const [row] = await database.rows<{ id: string }>('select id from portero.installation', [])
  return row!.id
}

/**
 * Makes sure that this process has the keys that the database was used with, and notes those that it brings new. The newest
 * key on record must be among them. Refuses with a StartupProblem: with other keys every session, code and token made so
 * far would be worthless, and the replicas would refuse each other's.
 */
export async function requireSameKeys(database: Database, keyIds: readonly string[]): Promise<void> {
  const rows = await database.rows<{ key_id: string }>(
    'select key_id from portero.key_fingerprints order by first_seen_at desc, key_id',
    [],
  )
  const newest = rows[0]?.key_id
  if (newest !== undefined && !keyIds.includes(newest)) {
    throw new StartupProblem(
      `The database was last used with the key ${newest}, and this Portero has ${keyIds.join(', ')}. Give it the same secrets (keys.secrets, or the folder data_dir/keys of the other installation); to change them, put the new one in front and keep the old one behind it.`,
    )
  }
  await database.rows(
    `insert into portero.key_fingerprints (key_id)
     select unnest($1::text[]) on conflict do nothing`,
    // The oldest first, so that the one in front becomes the newest on record.
    [[...keyIds].reverse()],
  )
}
