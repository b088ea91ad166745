import { howSureContract } from '../../../test/contracts/how-sure.contract.ts'
import { recognitionLinksContract } from '../../../test/contracts/recognition-links.contract.ts'
import { recognitionStoreContract } from '../../../test/contracts/recognition-store.contract.ts'
import { openStores } from '../../../test/support/stores.ts'

recognitionStoreContract('PostgreSQL 18', openStores)
recognitionLinksContract('PostgreSQL 18', openStores)
howSureContract('PostgreSQL 18', openStores)
