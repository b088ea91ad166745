import { eventStoreContract } from '../../../test/contracts/event-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

eventStoreContract('PostgreSQL 18', openStores)
