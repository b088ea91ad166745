import { appAccountsContract } from '../contracts/app-accounts.contract.ts'
import { ownPlace } from '../support/open-webui/place.ts'
import { openAppAccounts } from '../support/open-webui-accounts.ts'

appAccountsContract('the real Open WebUI', () => openAppAccounts(new URL(ownPlace().openWebuiUrl)))
