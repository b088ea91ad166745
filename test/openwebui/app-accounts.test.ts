import { inject } from 'vitest'
import { appAccountsContract } from '../contracts/app-accounts.contract.ts'
import { openAppAccounts } from '../support/open-webui-accounts.ts'

appAccountsContract('the real Open WebUI', () => openAppAccounts(new URL(inject('openWebuiUrl'))))
