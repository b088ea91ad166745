import { Refusal, type RefusalCode } from '../../src/domain/errors.ts'
import type { AccountOutcome, AppAccounts, AppIdentity } from '../../src/domain/upstream/app-accounts.ts'

type Account = { id: string; email: string; name: string; role: string; groups: string[]; tokens: string[] }

/** An application with accounts, in memory: what its port promises, and what a test wants to go wrong. */
export function openSmallAppAccounts() {
  const accounts: Account[] = []
  const groups = new Set<string>()
  let made = 0
  const app = {
    /** What it was asked, in order, in a few words. */
    calls: [] as string[],
    signIns: [] as AppIdentity[],
    delayMs: 0,
    /** When the tokens of its sign-ins end, in ms since 1970. */
    endsAt: undefined as number | undefined,
    /** Says which call is refused, and with what. */
    refusal: undefined as ((call: string) => RefusalCode | undefined) | undefined,
    /** How many sign-ins end without an answer once the account is made, and before it has its role. */
    unanswered: 0,
    groups,
    accounts,
    protected: new Set<string>(),
    of(email: string): Account {
      const account = accounts.find((one) => one.email === email)
      if (account === undefined) throw new Error(`no account ${email}`)
      return account
    },
    add(email: string, over: Partial<Account> = {}): Account {
      made += 1
      const account = { id: `account ${made}`, email, name: email, role: 'pending', groups: [], tokens: [] }
      accounts.push(Object.assign(account, over))
      return account
    },
    remove(email: string): void {
      accounts.splice(accounts.indexOf(app.of(email)), 1)
    },
  }

  const heard = async (call: string): Promise<void> => {
    app.calls.push(call)
    if (app.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, app.delayMs))
    const code = app.refusal?.(call)
    if (code !== undefined) throw new Refusal(code)
  }
  const change = (id: string, work: (account: Account) => void): AccountOutcome => {
    const account = accounts.find((one) => one.id === id)
    if (account === undefined) return 'gone'
    if (app.protected.has(account.email)) return 'protected'
    work(account)
    return 'done'
  }

  const port: AppAccounts = {
    async signIn(identity) {
      await heard('signIn')
      app.signIns.push(identity)
      const known = accounts.find(({ email }) => email === identity.email)
      const first = accounts.length === 0 ? 'admin' : 'pending'
      const account = known ?? app.add(identity.email, { name: identity.name, role: first })
      if (app.unanswered > 0) {
        app.unanswered -= 1
        throw new Refusal('upstream_timeout')
      }
      if (identity.role !== undefined) account.role = identity.role
      if (identity.groups !== undefined) account.groups = identity.groups.filter((name) => groups.has(name))
      made += 1
      const token = `token ${made}`
      account.tokens.push(token)
      const { id, role } = account
      return {
        ...{ accountId: id, role, cookies: [`token=${token}`], storage: { token }, answer: '{}', token },
        endsAt: app.endsAt,
      }
    },
    async endSessions(id) {
      await heard('endSessions')
      return change(id, (account) => {
        account.tokens = []
      })
    },
    async changeAccount(id, changes) {
      await heard(`changeAccount ${Object.values(changes).join()}`)
      return change(id, (account) => Object.assign(account, changes))
    },
    async readAccount(id) {
      await heard('readAccount')
      return accounts.find((one) => one.id === id)
    },
    async findAccount(email) {
      await heard('findAccount')
      return accounts.find((one) => one.email === email)?.id
    },
    async existingGroups(names, isCreating) {
      await heard('existingGroups')
      if (isCreating) for (const name of names) groups.add(name)
      return names.filter((name) => groups.has(name))
    },
  }
  return { app, port }
}
