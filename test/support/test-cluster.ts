import type {} from 'vitest'

/** What the global setup hands to every test file. */
declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's connection string of the run's own PostgreSQL. */
    superuserUrl: string
    /** The connection string of the role `portero`, who owns the databases, by the template's name. */
    ownerUrl: string
  }
}

/** The database that is migrated once and copied for each test file. */
export const templateDatabase = 'portero_template'
