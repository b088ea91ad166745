import { isRefusal } from '../../src/domain/errors.ts'
import { silentLog } from '../../src/domain/log.ts'
import type { Channel } from '../../src/domain/messaging/channel.ts'
import { openDeliver } from '../../src/domain/messaging/deliver.ts'
import type { OutboundMessage } from '../../src/domain/messaging/delivery-provider.ts'
import { limitsConfig } from '../../src/domain/otp/limits-config.ts'
import { otpConfig } from '../../src/domain/otp/otp-config.ts'
import { type CodeRequest, type CodeRequested, requestCode } from '../../src/domain/otp/request-code.ts'
import type { SignedIn } from '../../src/domain/otp/start-session.ts'
import { type CodeAnswer, verifyCode } from '../../src/domain/otp/verify-code.ts'
import type { Admission } from '../../src/domain/people/person.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import { openSessionDirectory } from '../../src/domain/sessions/session-directory.ts'
import { sessionsConfig } from '../../src/domain/sessions/sessions-config.ts'
import { openAccessTokens } from '../../src/domain/tokens/access-token.ts'
import { openKeyring } from '../../src/domain/tokens/keyring.ts'
import { newCaller } from './samples.ts'
import { type Stores, storesOn } from './stores.ts'

export const testSecret = 'a secret of the keyring for tests, of more than 32 bytes'

type Settings = {
  otp?: object
  limits?: object
  sessions?: object
  admission?: Admission
  demo?: boolean
  channels?: readonly Channel[]
  secrets?: readonly [string, ...string[]]
}

/** What of the outside of Portero a test of codes needs: somebody who asks and types, and the messages that were sent. */
export type OtpHouse = ReturnType<typeof openOtpHouse>

/** The rules for codes on real stores, with a provider that keeps what it is given. */
export function openOtpHouse(stores: Stores, settings: Settings = {}) {
  const sent: OutboundMessage[] = []
  // Of its own, since sums over the whole service may be remembered for a second.
  const own = storesOn(stores.database)
  const keyring = openKeyring(settings.secrets ?? [testSecret])
  const deliver = openDeliver({
    providers: [
      {
        ...{ name: 'test', channels: settings.channels ?? (['sms', 'whatsapp'] as const) },
        send: async (message) => {
          sent.push(message)
          return { ok: true, providerMessageId: `m${sent.length}` }
        },
      },
    ],
    ...{ deliveryStore: own.deliveryStore, log: silentLog, brand: 'Test', host: undefined, timeoutMs: 5000 },
  })
  const needs = {
    ...own,
    ...{ keyring, deliver, demo: { on: settings.demo ?? false } },
    accessTokens: openAccessTokens({
      ...{ signer: { alg: 'ES256', keyring }, issuer: 'https://portero.example' },
      ...{ ttlSeconds: 900, now: Date.now },
    }),
    sessionDirectory: openSessionDirectory({
      ...{ sessionStore: own.sessionStore, now: Date.now, deafAfterMs: 3_600_000 },
    }),
    config: {
      otp: otpConfig.parse(settings.otp ?? {}),
      // What sums over the whole file would reach is tested by itself.
      limits: limitsConfig.parse({
        ...{ service_sends_per_hour: 1e6, service_sends_per_day: 1e6, region_sends_per_hour: 1e6 },
        ...{ region_sends_per_day: 1e6, prefix_sends_per_hour: 1e6, service_wrong_guesses_per_hour: 1e6 },
        ...settings.limits,
      }),
      sessions: sessionsConfig.parse(settings.sessions ?? {}),
      phone: { allowed_regions: ['BR', 'AR'] },
      people: { admission: settings.admission ?? 'open', idle_link_days: 180 },
    },
  }

  return {
    needs,
    sent,
    /** Asks, and waits until what goes out has gone, so that texts arrive in the order in which they were asked for. */
    ask: async (phone: PhoneNumber, over: Partial<CodeRequest> = {}): Promise<CodeRequested> => {
      const asked = await requestCode(needs, {
        ...{ phone, channel: undefined, locale: 'es', caller: newCaller(), hold: 'asker', holds: undefined },
        ...over,
      })
      await deliver.idle()
      return asked
    },
    type: (phone: PhoneNumber, code: string, over: Partial<CodeAnswer> = {}): Promise<SignedIn> =>
      verifyCode(needs, {
        ...{ phone, code, challengeId: undefined, holdSecret: undefined, caller: newCaller() },
        ...{ isShared: false, replacesSessionId: undefined },
        ...over,
      }),
    /** The code that was sent last to a phone. */
    codeFor: async (phone: PhoneNumber): Promise<string> => {
      await deliver.idle()
      return sent.findLast(({ to }) => to === phone)!.code!
    },
  }
}

/** A code of the same length that is another one. */
export function otherThan(code: string): string {
  return String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')
}

/** What was refused, and after how many seconds to come back; `ok` when nothing was. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (thrown) {
    if (isRefusal(thrown)) return thrown.code
    throw thrown
  }
}
