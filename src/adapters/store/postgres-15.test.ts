import { afterAll, beforeAll, describe } from 'vitest'
import { apiKeyStoreContract } from '../../../test/contracts/api-key-store.contract.ts'
import { appAccountStoreContract } from '../../../test/contracts/app-account-store.contract.ts'
import { challengeStoreContract } from '../../../test/contracts/challenge-store.contract.ts'
import { chatStoreContract } from '../../../test/contracts/chat-store.contract.ts'
import { deliveryStoreContract } from '../../../test/contracts/delivery-store.contract.ts'
import { eventStoreContract } from '../../../test/contracts/event-store.contract.ts'
import { howSureContract } from '../../../test/contracts/how-sure.contract.ts'
import { inboundSignInStoreContract } from '../../../test/contracts/inbound-sign-in-store.contract.ts'
import { knownIdentitiesContract } from '../../../test/contracts/known-identities.contract.ts'
import { linkStoreContract } from '../../../test/contracts/link-store.contract.ts'
import { noticeStoreContract } from '../../../test/contracts/notice-store.contract.ts'
import { peopleStoreContract } from '../../../test/contracts/people-store.contract.ts'
import { recognitionLinksContract } from '../../../test/contracts/recognition-links.contract.ts'
import { recognitionStoreContract } from '../../../test/contracts/recognition-store.contract.ts'
import { requestStoreContract } from '../../../test/contracts/request-store.contract.ts'
import { sessionStoreContract } from '../../../test/contracts/session-store.contract.ts'
import { signInLinkStoreContract } from '../../../test/contracts/sign-in-link-store.contract.ts'
import { switchPersonContract } from '../../../test/contracts/switch-person.contract.ts'
import { postgres15IsMissing } from '../../../test/support/postgres-15.ts'
import { openStoresOn15, type Stores } from '../../../test/support/stores.ts'
import { knownIdentityStore } from './known-identity-store.ts'

describe.skipIf(postgres15IsMissing)(
  `the oldest PostgreSQL that Portero works with${postgres15IsMissing ? ` (skipped: ${postgres15IsMissing})` : ''}`,
  () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await openStoresOn15()
    })
    afterAll(() => stores.close(), 60_000)

    // One server for all of them: no contract closes what it did not open.
    const open = async (): Promise<Stores> => ({ ...stores, close: async () => {} })
    challengeStoreContract('PostgreSQL 15', open)
    sessionStoreContract('PostgreSQL 15', open)
    noticeStoreContract('PostgreSQL 15', open)
    switchPersonContract('PostgreSQL 15', open)
    peopleStoreContract('PostgreSQL 15', open)
    deliveryStoreContract('PostgreSQL 15', open)
    apiKeyStoreContract('PostgreSQL 15', open)
    appAccountStoreContract('PostgreSQL 15', open)
    chatStoreContract('PostgreSQL 15', open)
    eventStoreContract('PostgreSQL 15', open)
    recognitionStoreContract('PostgreSQL 15', open)
    recognitionLinksContract('PostgreSQL 15', open)
    requestStoreContract('PostgreSQL 15', open)
    howSureContract('PostgreSQL 15', open)
    linkStoreContract('PostgreSQL 15', open)
    knownIdentitiesContract('PostgreSQL 15', open, ({ database }) => knownIdentityStore(database))
    signInLinkStoreContract('PostgreSQL 15', open)
    inboundSignInStoreContract('PostgreSQL 15', open)
  },
)
