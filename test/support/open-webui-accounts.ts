import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { openWebuiAccounts } from '../../src/adapters/vendors/open-webui/accounts.ts'
import { type AppCall, openAppCall } from '../../src/adapters/vendors/open-webui/call.ts'
import { serviceAccount } from '../../src/adapters/vendors/open-webui/service-account.ts'
import type { AppAccounts, AppSession } from '../../src/domain/upstream/app-accounts.ts'

/** The accounts of one Open WebUI, and what only a look into it tells. */
export type AppAccountsHouse = {
  readonly accounts: AppAccounts
  /** As another process of Portero has them. */
  readonly others: AppAccounts
  /** Of an account that only its own person can change. */
  readonly protectedId: string
  /** Whether the session opens anything. */
  isAlive(session: AppSession): Promise<boolean>
  groupsOf(accountId: string): Promise<string[]>
  /** How many accounts have this address, and how many groups this name. */
  countAccounts(email: string): Promise<number>
  countGroups(name: string): Promise<number>
  remove(accountId: string): Promise<void>
  close(): Promise<void>
}

/** An address that no other test has, ever: an Open WebUI may be shared. */
export const newEmail = () => `u-${randomBytes(8).toString('hex')}@contract.invalid`

/** Opens the accounts of an Open WebUI, real or not. Where nobody has been yet, Portero's usual account becomes the first one. */
export async function openAppAccounts(url: URL): Promise<AppAccountsHouse> {
  // Passwords are hashed there, and the machine of a test is busy.
  const { call, close } = openAppCall(url, { timeoutMs: 50_000 })
  const usual = { call, serviceEmail: 'portero@portero.invalid', now: Date.now }
  // Of its own, since the first account may do to itself what nobody else may.
  const needs = { ...usual, serviceEmail: 'portero@contract.invalid' }
  const config = await call({ path: '/api/config' })
  if (JSON.parse(config.body).onboarding) {
    await serviceAccount(usual)({ path: '/api/v1/groups/' })
    // It counts in seconds, and of those of one second any administrator may pass for the first.
    await setTimeout(1_100)
  }
  const asAdministrator = serviceAccount(needs)
  const list = async (query: string) => {
    const answer = await asAdministrator({ path: `/api/v1/users/?${query}` })
    return (JSON.parse(answer.body) as { users: { id: string; email: string }[] }).users
  }
  const names = async (path: string) =>
    (JSON.parse((await asAdministrator({ path })).body) as { name: string }[]).map(({ name }) => name)
  const [first] = await list('order_by=created_at&direction=asc')
  return {
    accounts: openWebuiAccounts(needs),
    others: openWebuiAccounts(needs),
    protectedId: first!.id,
    isAlive: (session) => isAlive(call, session),
    groupsOf: (id) => names(`/api/v1/users/${id}/groups`),
    countAccounts: async (email) =>
      (await list(`query=${email}`)).filter((account) => account.email === email).length,
    countGroups: async (name) => (await names('/api/v1/groups/')).filter((one) => one === name).length,
    async remove(id) {
      await asAdministrator({ method: 'DELETE', path: `/api/v1/users/${id}` })
    },
    close,
  }
}

async function isAlive(call: AppCall, { storage }: AppSession): Promise<boolean> {
  const headers = { authorization: `Bearer ${storage.token}` }
  return (await call({ path: '/api/v1/auths/', headers })).status === 200
}
