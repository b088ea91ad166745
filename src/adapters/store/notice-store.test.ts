import { noticeStoreContract } from '../../../test/contracts/notice-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

noticeStoreContract('PostgreSQL 18', openStores)
