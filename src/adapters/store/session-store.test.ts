import { sessionStoreContract } from '../../../test/contracts/session-store.contract.ts'
import { switchPersonContract } from '../../../test/contracts/switch-person.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

sessionStoreContract('PostgreSQL 18', openStores)
switchPersonContract('PostgreSQL 18', openStores)
