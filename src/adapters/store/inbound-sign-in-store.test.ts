import { inboundSignInStoreContract } from '../../../test/contracts/inbound-sign-in-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

inboundSignInStoreContract('PostgreSQL 18', openStores)
