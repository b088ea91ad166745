import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { databaseUrl, withAccess } from './database-url.ts'

const access = { user: 'portero', password: 'p@ss:/ w?rd', database: 'portero' }

/** What the `pg` package understands of it. */
function understood(url: string) {
  const { host, port, user, password, database } = new pg.Client({ connectionString: url })
  return { host, port, user, password, database }
}

describe('a connection string', () => {
  it.each(['/srv/Portero data/run', '127.0.0.1'])('is understood by pg, with the host %s', (host) => {
    expect(understood(databaseUrl({ host, port: 5432 }, access))).toEqual({ host, port: 5432, ...access })
  })

  it.each(['/srv/run', '127.0.0.1'])('keeps the server %s when the access changes', (host) => {
    const url = withAccess(databaseUrl({ host, port: 5433 }, access), { user: 'a@b', database: 'other' })
    expect(understood(url)).toEqual({
      host,
      port: 5433,
      user: 'a@b',
      password: access.password,
      database: 'other',
    })
  })
})
