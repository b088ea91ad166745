import { linkStoreContract } from '../../../test/contracts/link-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

linkStoreContract('PostgreSQL 18', openStores)
