import { afterEach, describe, expect, test } from 'vitest'
import { appAccountsContract } from '../../../../test/contracts/app-accounts.contract.ts'
import { openOpenWebuiStandIn } from '../../../../test/support/open-webui/stand-in.ts'
import { newEmail, openAppAccounts } from '../../../../test/support/open-webui-accounts.ts'
import { openWebuiStandIns } from '../../../../test/support/open-webui-stand-ins.ts'
import { openWebuiAccounts } from './accounts.ts'

appAccountsContract('the stand-in for Open WebUI', async () => {
  const standIn = await openOpenWebuiStandIn()
  standIn.answerInstead = (req, res) => {
    const id = /^\/api\/v1\/groups\/id\/([^/]+)\/delete$/.exec(req.url!)?.[1]
    if (req.method !== 'DELETE' || id === undefined) return false
    const { groups } = standIn.accounts
    const at = groups.findIndex((group) => group.id === id)
    if (at >= 0) groups.splice(at, 1)
    res.writeHead(at >= 0 ? 200 : 404, { 'content-type': 'application/json' }).end('true')
    return true
  }
  const house = await openAppAccounts(standIn.url)
  return {
    ...house,
    async close() {
      await house.close()
      await standIn.close()
    },
  }
})

describe('the accounts of an Open WebUI', () => {
  const standIns = openWebuiStandIns()
  afterEach(standIns.close)

  async function openAccounts() {
    const { standIn, call } = await standIns.open()
    const accounts = openWebuiAccounts({ call, serviceEmail: 'portero@people.invalid', now: Date.now })
    // Portero's own account is the first, and this one is not protected.
    await accounts.existingGroups(['staff'], false)
    const session = await accounts.signIn({ email: newEmail(), name: 'Ana', role: 'user', groups: undefined })
    return { standIn, accounts, id: session.accountId }
  }

  test('are signed out in the end when another process does it at the same moment, which answers 500', async () => {
    const { standIn, accounts, id } = await openAccounts()
    let failures = 0
    standIn.answerInstead = (req, res) => {
      if (!req.url!.endsWith('/sessions/revoke') || failures-- <= 0) return false
      res.writeHead(500).end('Internal Server Error')
      return true
    }
    failures = 3
    expect(await accounts.endSessions(id)).toBe('done')
    failures = 100
    await expect(accounts.endSessions(id)).rejects.toMatchObject({ code: 'app_answer_unknown' })
    expect(failures).toBe(95)
  })

  test('are asked for by nothing but an id', async () => {
    const { standIn, accounts } = await openAccounts()
    const before = standIn.requests.length
    for (const id of ['', '..', 'a/b', 'a?b', '%2e%2e']) {
      await expect(accounts.endSessions(id)).rejects.toThrow('no id')
      await expect(accounts.readAccount(id)).rejects.toThrow('no id')
    }
    expect(standIn.requests.length).toBe(before)
  })

  test.each([
    ['the page itself', 200, '<!doctype html>'],
    ['another shape', 200, 'null'],
    ['a 404 of its own', 404, '{"detail":"Not Found"}'],
    ['a 400 of its own', 400, '{"detail":"Bad"}'],
  ])('are not taken for gone by %s', async (_, status, body) => {
    const { standIn, accounts, id } = await openAccounts()
    standIn.answerInstead = (_, res) => {
      res.writeHead(status).end(body)
      return true
    }
    const refused = { code: 'app_answer_unknown' }
    await expect(accounts.readAccount(id)).rejects.toMatchObject(refused)
    await expect(accounts.findAccount('a@b.invalid')).rejects.toMatchObject(refused)
    await expect(accounts.existingGroups(['staff'], true)).rejects.toMatchObject(refused)
    await expect(accounts.endSessions(id)).rejects.toMatchObject(refused)
    await expect(accounts.changeAccount(id, {})).rejects.toMatchObject(refused)
  })
})
