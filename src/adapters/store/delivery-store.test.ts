import { deliveryStoreContract } from '../../../test/contracts/delivery-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

deliveryStoreContract('PostgreSQL 18', openStores)
