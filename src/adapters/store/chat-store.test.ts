import { chatStoreContract } from '../../../test/contracts/chat-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

chatStoreContract('PostgreSQL 18', openStores)
