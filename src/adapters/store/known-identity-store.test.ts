import { knownIdentitiesContract } from '../../../test/contracts/known-identities.contract.ts'
import { openStores } from '../../../test/support/stores.ts'
import { knownIdentityStore } from './known-identity-store.ts'

knownIdentitiesContract('PostgreSQL 18', openStores, ({ database }) => knownIdentityStore(database))
