import pg from 'pg'
import { passwordFrom } from '../../lib/secret-file.ts'
import { placesIn } from './data-folder.ts'
import { withAccess } from './database-url.ts'

/**
 * Makes what Portero finds on its own server where it is missing: the role `portero`, which owns the database of the
 * same name; and `portero_runtime`, as which every runtime connection works. Neither is a superuser nor passes over
 * row level security. The owner's password is kept in the data folder. To be called by the server's owner; may be
 * called at each start. Returns the owner's connection string.
 */
export async function prepareEmbeddedDatabase(options: {
  superuserUrl: string
  dataDir: string
}): Promise<{ ownerUrl: string }> {
  const password = await passwordFrom(placesIn(options.dataDir).ownerPassword)
  const client = new pg.Client({ connectionString: options.superuserUrl })
  await client.connect()
  try {
    await ensureRole(client, 'portero', `login password ${client.escapeLiteral(password)}`)
    await ensureRole(client, 'portero_runtime', 'nologin')
    await client.query('grant portero_runtime to portero')
    const { rowCount } = await client.query(`select from pg_database where datname = 'portero'`)
    if (rowCount === 0) await client.query('create database portero owner portero')
  } finally {
    await client.end()
  }
  return { ownerUrl: withAccess(options.superuserUrl, { user: 'portero', password, database: 'portero' }) }
}

/** Creates the role, or makes an existing one what it should be, so that a lost password file can be made anew. */
async function ensureRole(client: pg.Client, name: string, login: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name])
  const verb = rowCount === 0 ? 'create' : 'alter'
  await client.query(`${verb} role ${name} ${login} nosuperuser nobypassrls nocreatedb nocreaterole`)
}
