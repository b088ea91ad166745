import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { lookAtKeyFile } from '../../adapters/keys/look-at-key-file.ts'
import { judgeSecrets, type SecretsSeen, usableSecrets } from './secrets.ts'

const good = 'hunter2-Zk3vQ9xW1pLm7RbT5yUc8NdFgHj'
const other = 'hunter3-Zk3vQ9xW1pLm7RbT5yUc8NdFgHj'
const given = (...secrets: string[]): SecretsSeen => ({ from: 'configuration', secrets })
const judge = (seen: SecretsSeen, secret?: string) => judgeSecrets(seen, { secret, ttl_seconds: 900 })
const statuses = (seen: SecretsSeen, secret?: string) => judge(seen, secret).map(({ status }) => status)

test('good secrets are ok, and those that can be guessed are told', () => {
  expect(statuses(given(good, other))).toEqual(['ok', 'ok'])
  expect(statuses(given(good, 'a'.repeat(40)))).toEqual(['warning', 'ok'])
  expect(statuses(given('too short'))).toEqual(['fault', 'ok'])
})

test('whether an application has the same secret cannot be seen; one that can be guessed can', () => {
  expect(statuses(given(good), other)).toEqual(['ok', 'unseen'])
  expect(statuses(given(good), 'secret'.repeat(9))).toEqual(['ok', 'warning'])
})

test('no finding holds a secret', () => {
  const seen = [given(good, other), given('hunter2-short'), given(`hunter2${'2'.repeat(40)}`)]
  expect(JSON.stringify(seen.map((one) => judge(one, other)))).not.toMatch(/hunter|Zk3v/)
})

test('only secrets that Portero would take can be used', () => {
  expect(usableSecrets(given(good, other))).toEqual([good, other])
  expect(usableSecrets(given(good, 'short'))).toBeUndefined()
  expect(usableSecrets({ from: 'file', file: { kind: 'missing' }, isDatabaseMade: true })).toBeUndefined()
})

test('a key file is looked at and never made; one that is gone matters once there is a database', async () => {
  const folder = await temporaryFolder()
  try {
    const file = await lookAtKeyFile(folder.path)
    expect(file).toEqual({ kind: 'missing' })
    expect(await lookAtKeyFile(folder.path)).toEqual({ kind: 'missing' })
    expect(statuses({ from: 'file', file, isDatabaseMade: false })).toEqual(['ok', 'ok'])
    expect(statuses({ from: 'file', file, isDatabaseMade: true })).toEqual(['fault', 'ok'])

    const path = join(folder.path, 'keys', 'secrets')
    await mkdir(join(folder.path, 'keys'))
    await writeFile(path, `${good}\n${other}\n`, { mode: 0o600 })
    expect(await lookAtKeyFile(folder.path)).toEqual({
      kind: 'there',
      secrets: [good, other],
      isOpenToOthers: false,
    })
    await chmod(path, 0o640)
    const open = await lookAtKeyFile(folder.path)
    expect(
      judge({ from: 'file', file: open, isDatabaseMade: true }).map(({ status, cure }) => [status, cure]),
    ).toContainEqual(['warning', 'chmod 600 data_dir/keys/secrets'])
  } finally {
    await folder.remove()
  }
})
