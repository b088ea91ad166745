import { describe, expect, test } from 'vitest'
import type { DatabaseSeen, SchemaSeen } from '../../adapters/store/inspect-database.ts'
import { judgeDatabase } from './database.ts'

const schema: Extract<SchemaSeen, { kind: 'made' }> = {
  kind: 'made',
  missingMigrations: [],
  unknownMigrations: [],
  openTables: [],
  newestKeyId: 'k1',
  groups: [],
  people: undefined,
}
const sound: DatabaseSeen = {
  version: '18.4',
  major: 18,
  clockAheadMs: 40,
  clockDoubtMs: 5,
  role: 'narrow',
  schema,
}
const bad = (seen: Parameters<typeof judgeDatabase>[0], keyIds: readonly string[] | undefined = ['k1']) =>
  judgeDatabase(seen, keyIds)
    .filter(({ status }) => status !== 'ok')
    .map(({ status, what, cure }) => `${status}: ${what} ${cure}`)

describe('a database', () => {
  test('that is sound is ok in every way', () => {
    expect(bad(sound)).toEqual([])
    expect(judgeDatabase(sound, ['k1'])).toHaveLength(6)
    expect(bad({ notYet: true })).toEqual([])
  })

  test.each([
    [{ ...sound, version: '14.9', major: 14 }, /^fault: .*14\.9.*needs 15/],
    [{ ...sound, role: 'missing' as const }, /^warning: .*no role portero_runtime.*createrole/],
    [{ ...sound, role: 'not_granted' as const }, /^warning: .*grant portero_runtime to/],
    [{ ...sound, schema: { kind: 'none' as const, people: undefined } }, /^warning: .*portero serve/],
    [{ ...sound, schema: { kind: 'closed' as const } }, /^unseen: .*database\.admin_url/],
    [
      { ...sound, schema: { ...schema, missingMigrations: ['0010-x.sql'] } },
      /^warning: .*older Portero.*start this version/,
    ],
    [
      { ...sound, schema: { ...schema, unknownMigrations: ['0099-x.sql'] } },
      /^fault: .*0099-x\.sql.*Start that version/,
    ],
    [
      { ...sound, schema: { ...schema, openTables: ['sends'] } },
      /^fault: .*sends.*alter table portero\.sends enable row level security, force row level security;/,
    ],
    [{ ...sound, schema: { ...schema, newestKeyId: 'k0' } }, /^fault: .*other keys.*keys\.secrets/],
    [
      { ...sound, schema: { ...schema, eventsNotTaken: 3 } },
      /^warning: .*events\.url did not take 3 events.*200 to 299/,
    ],
    [{ failure: '28P01' }, /^fault: .*password.*DATABASE_URL/],
    [{ failure: 'XX000' }, /^fault: .*XX000/],
    [{ problem: 'The data folder is broken.' }, /^fault: The data folder is broken\./],
  ])('with one thing wrong shows that alone: %#', (seen, expected) => {
    const findings = bad(seen)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatch(expected)
  })

  test.each([
    [1900, 0, 0],
    [-2500, 100, 'warning: The clock of the database is 3 s behind'],
    [2500, 700, 0],
    [31_000, 10, 'fault: The clock of the database is 31 s ahead of'],
  ])('whose clock is %i ms ahead, seen to %i ms, is told so', (clockAheadMs, clockDoubtMs, expected) => {
    const findings = bad({ ...sound, clockAheadMs, clockDoubtMs })
    if (expected === 0) expect(findings).toEqual([])
    else expect(findings).toEqual([expect.stringContaining(String(expected))])
  })

  test('is not compared with keys that could not be read', () => {
    const findings = judgeDatabase({ ...sound, schema: { ...schema, newestKeyId: 'k0' } }, undefined)
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([])
  })
})
