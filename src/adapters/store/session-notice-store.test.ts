import { sessionNoticeStoreContract } from '../../../test/contracts/session-notice-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

sessionNoticeStoreContract('PostgreSQL 18', openStores)
