import { createSecretKey } from 'node:crypto'
import { apiKeyStore } from '../adapters/store/api-key-store.ts'
import { appAccountStore } from '../adapters/store/app-account-store.ts'
import { challengeStore } from '../adapters/store/challenge-store.ts'
import { chatStore } from '../adapters/store/chat-store.ts'
import { deliveryStore } from '../adapters/store/delivery-store.ts'
import { inboundSignInStore } from '../adapters/store/inbound-sign-in-store.ts'
import { readInstallationId, requireSameKeys } from '../adapters/store/installation-store.ts'
import { linkStore } from '../adapters/store/link-store.ts'
import { migrate } from '../adapters/store/migrate.ts'
import { noticeStore } from '../adapters/store/notice-store.ts'
import { openDatabase } from '../adapters/store/open-database.ts'
import { peopleStore } from '../adapters/store/people-store.ts'
import { recognitionStore } from '../adapters/store/recognition-store.ts'
import { requestStore } from '../adapters/store/request-store.ts'
import { sessionStore } from '../adapters/store/session-store.ts'
import { signInLinkStore } from '../adapters/store/sign-in-link-store.ts'
import { sweeper } from '../adapters/store/sweeper.ts'
import type { Config } from '../config/config.ts'
import { isDemo } from '../config/demo.ts'
import { documentProof } from '../domain/documents/document-proof.ts'
import type { Log } from '../domain/log.ts'
import { openDeliver } from '../domain/messaging/deliver.ts'
import type { DeliveryProvider } from '../domain/messaging/delivery-provider.ts'
import { openSessionDirectory } from '../domain/sessions/session-directory.ts'
import { openAccessTokens } from '../domain/tokens/access-token.ts'
import { openAppAssertions } from '../domain/tokens/app-assertion.ts'
import { openKeyring } from '../domain/tokens/keyring.ts'
import type { Storage } from './open-storage.ts'
import { openOwnAddress } from './own-address.ts'

type Needs = {
  config: Config
  storage: Storage
  log: Log
  now: () => number
  /** Ways to bring codes out, the preferred one first. */
  providers: readonly DeliveryProvider[]
}

/** How old the last news of revocations may be before nobody is let in on memory alone. */
const deafAfterMs = 3000
const deliveryTimeoutMs = 10_000

/**
 * Everything that Portero works with, built once, below the doors. Domain functions take the part of it that they need.
 * Migrates the database first, where nobody has yet. Rejects with a StartupProblem when the database or the keys are not what they should be.
 */
export async function compose({ config, storage, log, now, providers }: Needs) {
  if (storage.adminUrl !== undefined)
    await migrate({ adminUrl: storage.adminUrl, url: storage.url, people: config.people, log })
  const database = openDatabase({
    url: storage.url,
    poolSize: config.database.pool_size,
    timeoutMs: config.database.timeout_ms,
    log,
  })
  const feed = openDatabase({ url: storage.url, poolSize: 1, timeoutMs: config.database.timeout_ms, log })
  const close = async (): Promise<void> => {
    await feed.close()
    await database.close()
  }
  try {
    const keyring = openKeyring(storage.secrets)
    await requireSameKeys(
      database,
      keyring.all.map(({ id }) => id),
    )
    const publicUrl = config.public_url === undefined ? undefined : new URL(config.public_url)
    const issuer = publicUrl?.origin ?? `urn:portero:${await readInstallationId(database)}`

    const proofOf = (document: string) => documentProof(keyring.current.code, document)
    const stores = {
      challengeStore: challengeStore(database, config.people.email_domain),
      sessionStore: sessionStore(database, config.people.email_domain, feed),
      peopleStore: peopleStore(database, config.people.email_domain),
      deliveryStore: deliveryStore(database),
      inboundSignInStore: inboundSignInStore(database),
      signInLinkStore: signInLinkStore(database, config.people.email_domain),
      chatStore: chatStore(database),
      requestStore: requestStore(database),
      noticeStore: noticeStore(database),
      apiKeyStore: apiKeyStore(database),
      appAccountStore: appAccountStore(database, config.people.email_domain),
      recognitionStore: recognitionStore(database, proofOf),
      linkStore: linkStore(database, proofOf),
    }
    const { secret, ttl_seconds } = config.tokens
    const sweepRows = sweeper(database)
    return {
      ...stores,
      config,
      log,
      now,
      database,
      keyring,
      publicUrl,
      ownAddress: openOwnAddress(publicUrl, config.listen),
      demo: demoOf(config),
      sessionDirectory: openSessionDirectory({ sessionStore: stores.sessionStore, now, deafAfterMs }),
      accessTokens: openAccessTokens({
        signer:
          secret === undefined
            ? { alg: 'ES256', keyring }
            : { alg: 'HS256', secret: createSecretKey(secret, 'utf8') },
        issuer,
        ttlSeconds: ttl_seconds,
        now,
      }),
      appAssertions: openAppAssertions({
        keyring,
        issuer,
        audience: publicUrl?.origin ?? 'portero-app',
        now,
      }),
      deliver: openDeliver({
        providers,
        deliveryStore: stores.deliveryStore,
        log,
        brand: config.pages.name,
        host: publicUrl?.hostname,
        timeoutMs: deliveryTimeoutMs,
      }),
      async sweep(): Promise<boolean> {
        const isMine = await sweepRows()
        if (isMine) await stores.recognitionStore.sweepMemories()
        return isMine
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** What `compose` builds. */
export type Portero = Awaited<ReturnType<typeof compose>>

function demoOf(config: Config): { readonly on: boolean; readonly asked: boolean } {
  const { demo, asked } = isDemo(config)
  return { on: demo, asked }
}
