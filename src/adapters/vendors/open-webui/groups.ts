import type { AppAccounts } from '../../../domain/upstream/app-accounts.ts'
import { jsonValue, unexpected } from './answer-text.ts'
import type { AppCall } from './call.ts'
import { canNameGroup } from './groups-header.ts'

const groupsPath = '/api/v1/groups/'

/** By which Portero knows again what it made. */
const description = 'From Portero'

type Group = {
  readonly id: string
  readonly name: string
  /** In seconds since 1970. */
  readonly createdAt: number
  /** Whether Portero made it and nobody is in it, so that it can go when it has a namesake. */
  readonly isSpare: boolean
}

/**
 * The groups of an Open WebUI, by name; `call` is an administrator's. Names that its header cannot carry count as missing and
 * are not made. Open WebUI lets several groups have one name: whoever makes one removes what others made at the same moment.
 */
export function existingGroups(call: AppCall): AppAccounts['existingGroups'] {
  const underWay = new Map<string, Promise<void>>()

  function makeOnce(name: string): Promise<void> {
    const started = underWay.get(name) ?? make(call, name).finally(() => underWay.delete(name))
    underWay.set(name, started)
    return started
  }

  return async (names, isCreating) => {
    const wanted = [...new Set(names)].filter(canNameGroup)
    if (wanted.length === 0) return []
    const existing = new Set((await listGroups(call)).map((group) => group.name))
    if (!isCreating) return wanted.filter((name) => existing.has(name))
    for (const name of wanted) if (!existing.has(name)) await makeOnce(name)
    return wanted
  }
}

/** Every group there is; `call` is an administrator's. */
export async function listGroups(call: AppCall): Promise<Group[]> {
  const answer = await call({ path: groupsPath })
  const groups = jsonValue(answer)
  if (answer.status !== 200 || !Array.isArray(groups)) throw unexpected(answer, 'the question for groups')
  return groups.map((group) => ({
    id: String(group?.id),
    name: String(group?.name),
    createdAt: Number(group?.created_at),
    isSpare: group?.description === description && group?.member_count === 0,
  }))
}

async function make(call: AppCall, name: string): Promise<void> {
  const answer = await call({ method: 'POST', path: `${groupsPath}create`, json: { name, description } })
  const namesakes = (await listGroups(call)).filter((group) => group.name === name)
  if (namesakes.length === 0) throw unexpected(answer, 'a new group')
  // All who look agree on which one stays, whichever of them they see.
  const [, ...younger] = namesakes.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  for (const { id, isSpare } of younger) {
    if (!isSpare) continue
    const removed = await call({
      method: 'DELETE',
      path: `${groupsPath}id/${encodeURIComponent(id)}/delete`,
    })
    if (removed.status >= 500) throw unexpected(removed, 'the removal of a doubled group')
  }
}
