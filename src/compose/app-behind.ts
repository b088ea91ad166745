import { openWebuiAccounts } from '../adapters/vendors/open-webui/accounts.ts'
import { openAppCall } from '../adapters/vendors/open-webui/call.ts'
import { loaderAnswer } from '../adapters/vendors/open-webui/loader.ts'
import { loaderScript } from '../adapters/vendors/open-webui/loader-script.ts'
import { isOpenWebui } from '../adapters/vendors/open-webui/recognise.ts'
import { openWebuiRules, undecidedRules } from '../adapters/vendors/open-webui/rules.ts'
import { signOutAnswer } from '../adapters/vendors/open-webui/sign-out.ts'
import { whatToSet } from '../adapters/vendors/open-webui/what-to-set.ts'
import { isRefusal, Refusal } from '../domain/errors.ts'
import type { Session } from '../domain/sessions/session.ts'
import { signOutTicket } from '../domain/tokens/sign-out-ticket.ts'
import type { AppSession } from '../domain/upstream/app-accounts.ts'
import { openAppSettler } from '../domain/upstream/app-settler.ts'
import { type AppTokens, type OnBehalfOf, openAppTokens } from '../domain/upstream/app-tokens.ts'
import { enterApp, enterAppOnBehalf } from '../domain/upstream/enter-app.ts'
import { guestIdentity } from '../domain/upstream/guest-identity.ts'
import { openUpstreamNeeds, type UpstreamNeeds } from '../domain/upstream/upstream-needs.ts'
import type { AskedInPlace } from '../gateway/in-place.ts'
import type { AnswerInPlace, KnownApp, PlaceOfApp } from '../gateway/known-app.ts'
import type { AppBehind as AppBehindPages } from '../pages/needs.ts'
import { paths, withQuery } from '../pages/parts.ts'
import type { Portero } from './compose.ts'
import { type Recognised, recogniseByAsking } from './recognise-app.ts'
import { guestEmail, serviceEmail } from './service-email.ts'

/** The application behind, with what Portero knows of its kind. */
export type AppBehind = {
  readonly url: URL
  /** What the gateway knows of it: at once, or after asking it; rejects while it does not answer. */
  known(): KnownApp | undefined | Promise<KnownApp | undefined>
  answer(place: PlaceOfApp, asked: AskedInPlace): Promise<AnswerInPlace>
  readonly forPages: AppBehindPages
  /** For Portero's own requests on people's behalf. */
  readonly tokens: AppTokens
  /** Tells the application what is due about people's accounts there; to be called every few seconds. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Opens the application at `url`. Asks it nothing yet: it may start later than Portero, and may be restarted. */
export function openAppBehind(portero: Portero, url: URL, kind: Kind): AppBehind {
  const { config, log, now, keyring, appAccountStore, sessionDirectory } = portero
  const { call, close } = openAppCall(url)
  const rules = openWebuiRules({ allowMfaEnrolment: config.upstream.allow_mfa_enrolment })
  const recognised = recogniserOf(kind, { ask: () => isOpenWebui(call), now })
  const ownEmail = serviceEmail(config)
  const appAccounts = openWebuiAccounts({ call, serviceEmail: ownEmail, now })
  const needs = openUpstreamNeeds({
    appAccounts,
    appAccountStore,
    settings: {
      adminPhones: config.upstream.admin_phones,
      createGroups: config.upstream.create_groups,
      revokeAt: config.upstream.revoke_at,
      locale: config.pages.default_locale,
    },
    log,
    now,
  })
  const settler = openAppSettler({ ...needs, sessionDirectory, log, now })
  // The first account of an Open WebUI is its first administrator, and the one that it protects: Portero's own, where it comes first.
  const beThere = once(async () => void (await appAccounts.findAccount(ownEmail)))

  const rulesFor = (isIt: boolean): KnownApp => (isIt ? rules : undecidedRules)
  const loader = keptFor(60_000, now, () => loaderAnswer(call, loaderScript))

  async function whetherKnown(): Promise<boolean> {
    try {
      return await recognised.isKnown()
    } catch {
      // It is away; whoever opens a page is told.
      return false
    }
  }

  const enter = (session: Session) => entering(() => enterApp(needs, session))

  async function enterOnBehalf(who: OnBehalfOf): Promise<AppSession> {
    if (!(await whetherKnown()))
      throw new Error('upstream.url is no Open WebUI, or it does not answer just now')
    return entering(() =>
      who === 'guest'
        ? appAccounts.signIn(guestIdentity(guestEmail(config), config.pages.default_locale))
        : enterAppOnBehalf(needs, who.personId),
    )
  }
  const tokens = openAppTokens({ signIn: enterOnBehalf, sessionDirectory, now })

  async function entering(work: () => Promise<AppSession>): Promise<AppSession> {
    try {
      await beThere()
      return await work()
    } catch (thrown) {
      tellOperator(needs, thrown)
      throw thrown
    }
  }

  return {
    url,
    known() {
      if (kind === 'generic') return undefined
      const isIt = recognised.isKnown()
      if (isIt instanceof Promise) return isIt.then(rulesFor)
      return rulesFor(isIt)
    },

    async answer(place, { session, cookie, authorization }) {
      if (place === 'loader') return loader()
      if (session === undefined) throw new Refusal('not_signed_in')
      if (place === 'sign_in') return signedInAnswer(await enter(session))
      const ticket = signOutTicket(keyring, session.id, now())
      return signOutAnswer(call, { cookie, authorization }, withQuery(paths.signOut, { ticket }))
    },

    forPages: {
      sessionCookie: () => (recognised.sofar ? rules.sessionCookie : undefined),
      enter,
    },
    tokens,

    async settle() {
      tokens.sweep()
      if (!(await whetherKnown())) return
      try {
        await beThere()
        await settler.settleDue()
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown
        tellOperator(needs, thrown)
      }
    },

    async close() {
      tokens.close()
      await settler.close()
      await close()
    },
  }
}

type Kind = 'auto' | 'generic' | 'open-webui'

function recogniserOf(kind: Kind, needs: Parameters<typeof recogniseByAsking>[0]): Recognised {
  if (kind === 'auto') return recogniseByAsking(needs)
  const sofar = kind === 'open-webui'
  return { sofar, isKnown: () => sofar }
}

/** Makes something anew when it is older than so many milliseconds; several who ask at once get the same. */
function keptFor<T>(ms: number, now: () => number, make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  let madeAt = 0
  return () => {
    if (made === undefined || now() - madeAt >= ms) {
      made = make()
      madeAt = now()
    }
    return made
  }
}

/** Does something until it has worked. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work().catch((thrown: unknown) => {
      done = undefined
      throw thrown
    })
    return done
  }
}

/** Tells the operator why nobody gets in, and what the application has to be set to. */
function tellOperator({ warnOf }: Pick<UpstreamNeeds, 'warnOf'>, thrown: unknown): void {
  if (!isRefusal(thrown) || !thrown.code.startsWith('app_')) return
  const { code, cause } = thrown
  warnOf(
    `cannot enter: ${code}`,
    { code, reason: cause instanceof Error ? cause.message : undefined, set: whatToSet(code) },
    'people cannot enter Open WebUI: see what to set there; `portero doctor` says more',
  )
}

function signedInAnswer({ answer, cookies }: { answer: string; cookies: readonly string[] }): AnswerInPlace {
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ...cookies.map((cookie) => ['Set-Cookie', cookie] as const),
    ],
    body: answer,
  }
}
