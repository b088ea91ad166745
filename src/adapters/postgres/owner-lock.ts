import pg from 'pg'

/** That this process, and no other, owns a running server. `lost` resolves when the server dies or is stopped. */
export type OwnerLock = { lost: Promise<void> }

// Advisory locks belong to one database: here `postgres`, in which Portero keeps nothing else.
const takeLock = 'select pg_try_advisory_lock(1886351988, 1) as is_taken'

/**
 * Tries once to own the server. The lock belongs to the connection, so the owner's death frees it, however it dies:
 * of any number of processes exactly one has it. Undefined: another one has. Throws what `pg` throws when there is
 * no connection to be had.
 */
export async function takeOwnerLock(superuserUrl: string): Promise<OwnerLock | undefined> {
  const client = new pg.Client({
    connectionString: superuserUrl,
    connectionTimeoutMillis: 5000,
    application_name: 'portero owner',
  })
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve())
    client.on('end', () => resolve())
  })
  try {
    await client.connect()
    const { rows } = await client.query<{ is_taken: boolean }>(takeLock)
    if (rows[0]?.is_taken) return { lost }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  await client.end()
  return undefined
}
