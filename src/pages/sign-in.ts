import type { Refusal } from '../domain/errors.ts'
import { isRefusal } from '../domain/errors.ts'
import type { ChallengeView } from '../domain/otp/challenge-store.ts'
import { describePhone, formatPhone } from '../domain/phones/phone-facts.ts'
import { type CodeEvent, renderCodePage } from './code-page.ts'
import { type Country, listCountries } from './countries.ts'
import { renderDeadCodePage } from './dead-code-page.ts'
import { renderLaterPage } from './later-page.ts'
import type { PagesNeeds } from './needs.ts'
import { type NotIn, renderNotInPage } from './not-in-page.ts'
import { paths, withQuery } from './parts.ts'
import { renderPhonePage } from './phone-page.ts'
import { showWhatsapp } from './show-whatsapp.ts'
import { renderSignedInPage } from './signed-in-page.ts'
import { refusalText } from './texts/say.ts'
import { sendOn, textOf, type Visit } from './visit.ts'

type Later = 'too_many_codes' | 'too_many_tries'

/** What the last post came to; it travels in the address, so that a reload or a restored tab shows it again. */
export type Said = CodeEvent | NotIn | Later | 'not_yet'

const waitSecondsMax = 86_400

/**
 * The step that this browser is at, by its cookies alone: a reload, or a tab that was closed while its owner looked for
 * the code, comes back to the same one.
 */
export async function showSignIn(portero: PagesNeeds, visit: Visit): Promise<string> {
  const { look, returnTo } = visit
  const query = visit.request.query
  const said = textOf(query, 'said')
  const isEditing = textOf(query, 'edit') !== undefined
  const reference = /^[0-9A-Z]{4,16}$/.exec(textOf(query, 'ref') ?? '')?.[0]
  if (isNotIn(said)) return renderNotInPage(look, { why: said, reference, returnTo })

  const challenge = visit.held && (await portero.readChallenge(visit.held))
  const waitSeconds = secondsUntil(portero, textOf(query, 'until'))
  if (isLater(said) && waitSeconds > 0) {
    const hasLiveCode = challenge?.state === 'live'
    const hasWhatsapp = portero.whatsapp !== undefined
    return renderLaterPage(look, {
      ...{ reason: said, waitSeconds, hasLiveCode, hasWhatsapp, reference, returnTo },
    })
  }
  if (challenge !== undefined && challenge.state !== 'used' && !isEditing) {
    return showChallenge(portero, visit, challenge, isCodeEvent(said) ? said : undefined)
  }
  if (challenge === undefined && visit.held !== undefined && !isEditing) {
    const waits = await portero.whatsapp?.read(visit.held)
    if (waits !== undefined)
      return showWhatsapp(portero, visit, visit.held, { waits, isNotYet: said === 'not_yet' })
  }
  const identity = isEditing ? undefined : await portero.identify(visit.request.headers)
  if (identity !== undefined) {
    const { person, phone } = identity.session
    return renderSignedInPage(look, { account: { name: person.name, phone }, returnTo })
  }
  // A number that came with a message is not shown to whoever sits at this browser.
  const phone = isEditing && challenge?.isInbound === false ? challenge.phone : undefined
  const region = phone && describePhone(phone).region
  return showPhone(portero, visit, { region, typed: phone === undefined ? '' : formatPhone(phone) })
}

/** The first step, empty or with what was typed and what was wrong with it. */
export function showPhone(
  portero: PagesNeeds,
  visit: Visit,
  { region, typed, refusal }: { region: string | undefined; typed: string; refusal?: Refusal },
): string {
  const { look, returnTo } = visit
  const wrong = refusal && refusalText(look.locale, refusal.code)
  const chosen = region ?? portero.settings.defaultRegion
  return renderPhonePage(look, {
    countries: countriesOf(portero, visit),
    region: chosen,
    typed,
    wrong,
    hasWhatsapp: portero.whatsapp !== undefined,
    canSend: portero.settings.channels.length > 0,
    returnTo,
  })
}

/** The region in which a number is read: one of those to choose from. */
export function regionOf({ settings }: PagesNeeds, country: string | undefined): string {
  const { allowedRegions, defaultRegion } = settings
  return country !== undefined && allowedRegions.includes(country) ? country : defaultRegion
}

/** Back to the sign-in page, which will say so. */
export function sendSaid(portero: PagesNeeds, visit: Visit, said: Said | undefined, untilSeconds?: number) {
  const ref = isNotIn(said) || isLater(said) ? portero.referenceOf(visit.request.raw) : undefined
  return sendOn(visit, withQuery(paths.signIn, { said, until: untilSeconds, ref, return: visit.returnTo }))
}

/** Back to the sign-in page after a limit refused, with the time to come back; false for anything else that was thrown. */
export function sendLater(portero: PagesNeeds, visit: Visit, thrown: unknown) {
  if (!isRefusal(thrown, 'too_many_codes') && !isRefusal(thrown, 'too_many_tries')) return false
  const wait = thrown.facts.retryAfterSeconds ?? 60
  return sendSaid(portero, visit, thrown.code as Later, Math.ceil(portero.now() / 1000 + wait))
}

function showChallenge(
  { settings }: PagesNeeds,
  { look, returnTo }: Visit,
  challenge: ChallengeView,
  event: CodeEvent | undefined,
): string {
  const { channels, triesMax, admission } = settings
  if (challenge.state === 'expired' || challenge.state === 'exhausted') {
    const { state, phone, channel, isInbound } = challenge
    return renderDeadCodePage(look, { state, phone, channel, channels, isInbound, returnTo })
  }
  const isOnlyForKnown = admission === 'known'
  return renderCodePage(look, { ...challenge, triesMax, channels, isOnlyForKnown, event, returnTo })
}

const countryLists = new WeakMap<PagesNeeds, Map<string, readonly Country[]>>()

/** Sorting the world by its names takes a millisecond, so it is done once for each language. */
function countriesOf(portero: PagesNeeds, { look }: Visit): readonly Country[] {
  const lists = countryLists.get(portero) ?? new Map<string, readonly Country[]>()
  countryLists.set(portero, lists)
  const { allowedRegions, defaultRegion } = portero.settings
  const list =
    lists.get(look.locale) ?? listCountries(allowedRegions, { locale: look.locale, first: defaultRegion })
  lists.set(look.locale, list)
  return list
}

function secondsUntil({ now }: PagesNeeds, until: string | undefined): number {
  const seconds = /^\d{1,12}$/.test(until ?? '') ? Number(until) - Math.floor(now() / 1000) : 0
  return Math.min(Math.max(seconds, 0), waitSecondsMax)
}

const notIns: ReadonlySet<string> = new Set<NotIn>(['waiting', 'blocked', 'unknown'])
const laters: ReadonlySet<string> = new Set<Later>(['too_many_codes', 'too_many_tries'])
const codeEvents: ReadonlySet<string> = new Set<CodeEvent>([
  'wrong',
  'malformed',
  'resent',
  'too_early',
  'channel_not_available',
  'delivery_unavailable',
])

const isNotIn = (said: string | undefined): said is NotIn => notIns.has(said ?? '')
const isLater = (said: string | undefined): said is Later => laters.has(said ?? '')
const isCodeEvent = (said: string | undefined): said is CodeEvent => codeEvents.has(said ?? '')
