import { expect, it } from 'vitest'
import { databaseUser, identity, isRoot, parseAccounts } from './run-as.ts'

it('reads the accounts of Linux and of macOS, whose nobody has a negative number', () => {
  const passwd = '# comment\nroot:x:0:0:root:/root:/bin/bash\nnobody:*:-2:-2:User:/var/empty:/usr/bin/false\n'
  expect(parseAccounts(passwd)).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'nobody', uid: 4294967294, gid: 4294967294 },
  ])
})

it.runIf(isRoot())('takes somebody else than root for the database, under root', async () => {
  const user = await databaseUser('/nowhere')
  expect(user!.uid).toBeGreaterThan(0)
  expect(identity(user)).toEqual({ uid: user!.uid, gid: user!.gid })
})

it.skipIf(isRoot())(
  `runs the database as itself, as an ordinary user${isRoot() ? ' (skipped: this is root)' : ''}`,
  async () => {
    expect(identity(await databaseUser('/nowhere'))).toEqual({})
  },
)
