/** Where a server listens: the absolute folder of its unix socket, or the name of a host; and its port. */
export type DatabaseAddress = { host: string; port: number }

/**
 * A connection string that libpq (psql, pg_dump) and the `pg` package both take. A socket folder goes into the
 * query string, as libpq's documentation asks for paths; the port is always named, so that PGPORT has no say.
 */
export function databaseUrl(
  address: DatabaseAddress,
  access: { user: string; password: string; database: string },
): string {
  const user = `${encodeURIComponent(access.user)}:${encodeURIComponent(access.password)}`
  const database = encodeURIComponent(access.database)
  if (!address.host.startsWith('/')) {
    return `postgresql://${user}@${address.host}:${address.port}/${database}`
  }
  return `postgresql://${user}@/${database}?host=${encodeURIComponent(address.host)}&port=${address.port}`
}

/** The same server and options, seen as another user or through another database. Takes only what `databaseUrl` made. */
export function withAccess(
  url: string,
  change: { user?: string; password?: string; database?: string },
): string {
  const parts = /^postgresql:\/\/([^:@/]*):([^@/]*)@([^/?]*)\/([^?]*)(.*)$/.exec(url)
  if (parts === null) throw new TypeError('not a connection string that databaseUrl made')
  const [, user, password, host, database, rest] = parts
  const part = (changed: string | undefined, kept: string | undefined) =>
    changed === undefined ? kept : encodeURIComponent(changed)
  return `postgresql://${part(change.user, user)}:${part(change.password, password)}@${host}/${part(change.database, database)}${rest}`
}
