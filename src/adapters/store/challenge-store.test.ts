import { challengeStoreContract } from '../../../test/contracts/challenge-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

challengeStoreContract('PostgreSQL 18', openStores)
