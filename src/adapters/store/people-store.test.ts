import { peopleStoreContract } from '../../../test/contracts/people-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

peopleStoreContract('PostgreSQL 18', openStores)
