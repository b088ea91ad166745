import { requestStoreContract } from '../../../test/contracts/request-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

requestStoreContract('PostgreSQL 18', openStores)
