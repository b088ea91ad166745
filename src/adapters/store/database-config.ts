import { z } from 'zod'

const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//)
const allowed = 'a connection string that begins with postgresql://'

/** `database.*`: which PostgreSQL Portero works on. */
export const databaseConfig = z.strictObject({
  url: postgresUrl.optional().meta({
    description: 'PostgreSQL 15 or newer. When not set, Portero runs a server of its own in data_dir.',
    allowed,
    secret: true,
    examples: ['postgresql://portero:password@db.example:5432/portero'],
  }),
  admin_url: postgresUrl.optional().meta({
    description:
      'The same database as somebody who may make roles and tables, for migrations. When not set, that is database.url.',
    allowed,
    secret: true,
    examples: ['postgresql://postgres:password@db.example:5432/portero'],
  }),
  timeout_ms: z.int().min(100).max(60_000).default(1000).meta({
    description: 'After how many milliseconds a question to the database is given up.',
  }),
  pool_size: z.int().min(1).max(200).default(5).meta({
    description: 'Connections that one process holds, those for background work included.',
  }),
})

export type DatabaseConfig = z.output<typeof databaseConfig>
