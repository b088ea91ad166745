import type { DatabaseSeen, SchemaSeen } from '../../adapters/store/inspect-database.ts'
import { type Finding, fault, ok, unseen, warning } from './finding.ts'
import type { DatabaseLook } from './look-at-installation.ts'
import { judgePeopleTables } from './people-tables.ts'

/** Says what a look at the database means. `keyIds` are the public names of the keys that this Portero has, if it has any. */
export function judgeDatabase(seen: DatabaseLook, keyIds: readonly string[] | undefined): Finding[] {
  if ('notYet' in seen) return [ok('There is no database yet: Portero makes its own at its first start.')]
  if ('problem' in seen) return [fault(seen.problem, 'The log of the database is data_dir/postgres.log.')]
  if ('failure' in seen) return [unreachable(seen.failure)]
  return [
    judgeVersion(seen),
    ...judgeSchema(seen.schema, keyIds),
    judgeRole(seen.role),
    judgeClock(seen.clockAheadMs, seen.clockDoubtMs),
  ]
}

const line = 'database.url (DATABASE_URL)'

/** Codes of PostgreSQL (appendix A of its manual) and of the operating system. */
const causes: Readonly<Record<string, [what: string, cure: string]>> = {
  '28P01': ['refuses the password', `Write the right one into ${line}; special characters percent-encoded.`],
  '28000': ['does not let this user in', `See pg_hba.conf there, or write another user into ${line}.`],
  '3D000': ['has no such database', `Create it, or name another one in ${line}.`],
  '53300': ['has no connection left', 'Raise max_connections there, or lower database.pool_size.'],
  '57P03': ['is starting or stopping', 'Wait a moment and ask again.'],
  ECONNREFUSED: ['cannot be reached: nobody listens there', `Start it, or correct host and port in ${line}.`],
  ENOTFOUND: ['cannot be reached: its host name means nothing', `Correct the host in ${line}.`],
  EAI_AGAIN: ['cannot be reached: its host name cannot be resolved now', `Look at DNS, or correct ${line}.`],
  ETIMEDOUT: [
    'does not answer in time',
    `See that it runs and that no firewall is in between, or correct ${line}.`,
  ],
}

function unreachable(code: string): Finding {
  const [what, cure] = causes[code] ?? [
    `cannot be looked at (${code})`,
    `See that it runs and that ${line} is right.`,
  ]
  return fault(`The database ${what}.`, cure)
}

function judgeVersion({ version, major }: DatabaseSeen): Finding {
  if (major >= 15) return ok(`The database answers: PostgreSQL ${version}.`)
  return fault(
    `The database is PostgreSQL ${version}; Portero needs 15 or newer.`,
    `Upgrade it, or point ${line} at another one.`,
  )
}

function judgeSchema(schema: SchemaSeen, keyIds: readonly string[] | undefined): Finding[] {
  if (schema.kind === 'closed') {
    return [
      unseen(
        'Whether the tables are complete cannot be seen: this user may not read them.',
        'Set database.admin_url to the owner of the schema portero.',
      ),
    ]
  }
  if (schema.kind === 'none') {
    if (schema.people !== undefined) return judgePeopleTables(schema.people)
    return [
      warning('The database has no tables of Portero yet.', 'Start Portero once: portero serve makes them.'),
    ]
  }
  return [
    judgeMigrations(schema),
    judgeRowSecurity(schema.openTables),
    ...judgeKeys(schema.newestKeyId, keyIds),
    ...judgeEvents(schema.eventsNotTaken ?? 0),
    ...(schema.people === undefined ? [] : judgePeopleTables(schema.people)),
  ]
}

type Made = Extract<SchemaSeen, { kind: 'made' }>

function judgeMigrations({ missingMigrations, unknownMigrations }: Made): Finding {
  if (unknownMigrations.length > 0) {
    return fault(
      `The database was migrated by a newer Portero, or by one from before the first release (${unknownMigrations.join(', ')}).`,
      'Start that version, restore a backup from before it, or start with an empty database.',
    )
  }
  if (missingMigrations.length > 0) {
    return warning(
      `The tables are those of an older Portero: ${missingMigrations.length} migrations are missing.`,
      'Back up, then start this version again: it migrates by itself.',
    )
  }
  return ok('The tables are complete.')
}

function judgeRowSecurity(openTables: readonly string[]): Finding {
  if (openTables.length === 0)
    return ok('Row level security is on and forced for all tables of the schema portero.')
  const sql = openTables.map(
    (name) => `alter table portero.${name} enable row level security, force row level security;`,
  )
  return fault(
    `Row level security is off for ${openTables.join(', ')}: other users of the database may read there.`,
    `Start Portero again, which turns it on, or run: ${sql.join(' ')}`,
  )
}

function judgeKeys(newest: string | undefined, keyIds: readonly string[] | undefined): Finding[] {
  if (newest === undefined || keyIds === undefined) return []
  if (keyIds.includes(newest)) return [ok('The keys are those that the database was used with.')]
  return [
    fault(
      'The database was last used with other keys than this Portero has; it will not start.',
      'Give keys.secrets (or data_dir/keys) the secrets of before; to change them, put the new one in front of the old one.',
    ),
  ]
}

function judgeEvents(notTaken: number): Finding[] {
  if (notTaken === 0) return []
  return [
    warning(
      `The program behind events.url did not take ${notTaken} ${notTaken === 1 ? 'event' : 'events'}, which are tried again.`,
      'See that it answers with a status from 200 to 299 within 15 seconds; the log says what it answered.',
    ),
  ]
}

function judgeRole(role: DatabaseSeen['role']): Finding {
  if (role === 'narrow') return ok('Portero works as the narrow role portero_runtime.')
  if (role === 'missing') {
    return warning(
      'There is no role portero_runtime: Portero works with all that its database user may do.',
      'Let that user make roles (alter role <user> createrole), or set database.admin_url to one who may, and start Portero again.',
    )
  }
  return warning(
    'The database user may not take the role portero_runtime: Portero works with all that this user may do.',
    'As an administrator of the database: grant portero_runtime to <user of database.url>;',
  )
}

const warnMs = 2000
const faultMs = 30_000

function judgeClock(aheadMs: number, doubtMs: number): Finding {
  // What may be due to the way there and back is nobody's fault.
  const surely = Math.abs(aheadMs) - doubtMs
  if (surely <= warnMs) return ok('The clocks of the database and of this machine agree.')
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  const what = `The clock of the database is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's.`
  const cure = 'Let both follow NTP (timedatectl set-ntp true): codes and sessions run by these clocks.'
  return surely > faultMs ? fault(what, cure) : warning(what, cure)
}
