import { until } from './until.ts'

const connected = `select 1 from pg_stat_activity where datname = current_database() and application_name = 'portero'`

/**
 * After the only Portero of a database was killed: once its connections are gone, and with them all that it had asked for, what it
 * had taken is free again, and a pause before another try is over.
 */
export async function pastLeases(query: (sql: string) => Promise<unknown[]>): Promise<void> {
  await until(async () => (await query(connected)).length === 0)
  for (const table of ['chats', 'outbox', 'session_notices'])
    await query(`update portero.${table} set due_at = now() where due_at > now()`)
}
