import type { AccountOutcome, AppAccounts } from '../../../domain/upstream/app-accounts.ts'
import { detailOf, jsonObject, jsonValue, unexpected } from './answer-text.ts'
import type { AppAnswer, AppCall } from './call.ts'
import { existingGroups } from './groups.ts'
import { serviceAccount } from './service-account.ts'
import { signIn } from './sign-in.ts'
import { takeTurns } from './take-turns.ts'

/** Of 30 accounts each. Only accounts whose name or address holds the whole address are among them. */
const pagesMax = 100
const usersPath = '/api/v1/users/'
/** More than there are processes of Portero that could end the sessions of one account at the same moment. */
const revokesMax = 5

type Needs = {
  readonly call: AppCall
  /** Address of Portero's own administrator account: `portero@` and the domain of the other addresses. */
  readonly serviceEmail: string
  /** In milliseconds since 1970. */
  readonly now: () => number
}

/**
 * The accounts of an Open WebUI, which has to believe the headers `X-Portero-Email`, `-Name`, `-Role` and `-Groups`. It protects its first
 * account: except for Portero's own, nothing of that one can be changed or ended from here.
 */
export function openWebuiAccounts(needs: Needs): AppAccounts {
  const asAdministrator = serviceAccount(needs)
  const groupsOf = existingGroups(asAdministrator)
  return {
    signIn: (identity) => signIn(needs.call, identity),
    endSessions: takeTurns((id) => endSessions(asAdministrator, id)),
    changeAccount: async (id, { name, role }) =>
      outcomeOf(
        await asAdministrator({ method: 'POST', path: `${pathOf(id)}/update`, json: { name, role } }),
        'the change of an account',
      ),
    readAccount: (id) => readAccount(asAdministrator, id),
    findAccount: (email) => findAccount(asAdministrator, email.toLowerCase()),
    existingGroups: groupsOf,
  }
}

/** Two at once: one of them gets a 500, since the program compares before it sets (`Auths.revoke_sessions_by_user_id`). */
async function endSessions(call: AppCall, id: string): Promise<AccountOutcome> {
  for (let i = 1; ; i++) {
    const answer = await call({ method: 'POST', path: `${pathOf(id)}/sessions/revoke` })
    if (answer.status !== 500 || i === revokesMax) return outcomeOf(answer, 'the end of sessions')
  }
}

async function readAccount(call: AppCall, id: string) {
  const answer = await call({ path: pathOf(id) })
  if (isGone(answer)) return undefined
  const { name, role } = jsonObject(answer) ?? {}
  if (answer.status !== 200 || typeof name !== 'string' || typeof role !== 'string') {
    throw unexpected(answer, 'the question for an account')
  }
  return { name, role }
}

async function findAccount(call: AppCall, email: string): Promise<string | undefined> {
  // The query finds parts of names and addresses, and takes `_` for any letter; ordered by what is unique, no page skips one.
  for (let page = 1, seen = 0; page <= pagesMax; page++) {
    const query = new URLSearchParams({
      query: email,
      order_by: 'email',
      direction: 'asc',
      page: String(page),
    })
    const answer = await call({ path: `${usersPath}?${query}` })
    const { users, total } = jsonObject(answer) ?? {}
    if (answer.status !== 200 || !Array.isArray(users)) throw unexpected(answer, 'the list of accounts')
    const found = users.find((user) => user?.email === email)
    if (found !== undefined) return String(found.id)
    seen += users.length
    if (users.length === 0 || seen >= Number(total)) return undefined
  }
  return undefined
}

function pathOf(id: string): string {
  // Any other text could lead to another address.
  if (!/^[\w-]+$/.test(id)) throw new Error('This is no id of an account of Open WebUI.')
  return usersPath + id
}

function outcomeOf(answer: AppAnswer, what: string): AccountOutcome {
  if (answer.status === 200 && jsonValue(answer)) return 'done'
  if (isGone(answer)) return 'gone'
  if (answer.status === 403) return 'protected'
  throw unexpected(answer, what)
}

/** One address answers 404 `User not found.`, the others 400 with the sentence of `ERROR_MESSAGES.USER_NOT_FOUND`. */
function isGone(answer: AppAnswer): boolean {
  if (answer.status === 404) return /^User not found/i.test(detailOf(answer) ?? '')
  return answer.status === 400 && /^We could not find/i.test(detailOf(answer) ?? '')
}
