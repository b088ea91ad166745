import { sessionStoreContract } from '../../../test/contracts/session-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

sessionStoreContract('PostgreSQL 18', openStores)
