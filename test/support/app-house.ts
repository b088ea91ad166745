import type { Log } from '../../src/domain/log.ts'
import { type AppSettings, openUpstreamNeeds } from '../../src/domain/upstream/upstream-needs.ts'
import { openSmallAppAccounts } from './small-app-accounts.ts'
import type { Stores } from './stores.ts'

/** An application in memory, and what one replica of Portero needs to keep its accounts in step with a real store. */
export function openAppHouse(stores: Pick<Stores, 'appAccountStore'>, over: Partial<AppSettings> = {}) {
  const { app, port } = openSmallAppAccounts()
  const warnings: { facts: object; text: string }[] = []
  const note = (facts: object, text: string): void => void warnings.push({ facts, text })
  const log: Log = { info: () => {}, warn: note, error: note }
  const clock = { ms: 0 }
  const settings: AppSettings = {
    ...{ adminPhones: [], createGroups: true, revokeAt: 'last_session', locale: 'es', ...over },
  }
  const replica = () =>
    openUpstreamNeeds({
      ...{ appAccounts: port, appAccountStore: stores.appAccountStore, settings, log },
      now: () => clock.ms,
    })
  return { app, port, warnings, log, clock, needs: replica(), replica }
}
