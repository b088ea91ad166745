import { appAccountStoreContract } from '../../../test/contracts/app-account-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

appAccountStoreContract('PostgreSQL 18', openStores)
