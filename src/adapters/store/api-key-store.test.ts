import { apiKeyStoreContract } from '../../../test/contracts/api-key-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

apiKeyStoreContract('PostgreSQL 18', openStores)
