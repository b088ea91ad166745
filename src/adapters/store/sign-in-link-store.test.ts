import { signInLinkStoreContract } from '../../../test/contracts/sign-in-link-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

signInLinkStoreContract('PostgreSQL 18', openStores)
