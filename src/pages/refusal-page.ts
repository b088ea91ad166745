import type { RefusalCode } from '../domain/errors.ts'
import { html } from './html.ts'
import type { Art } from './icons.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { referenceText, telling } from './parts.ts'
import { refusalText, sayIn } from './texts/say.ts'
import type { TextKey } from './texts/texts.ts'

export type RefusalPage = {
  /** `internal`: a bug, which is not the reader's fault and not for the reader to understand. */
  readonly code: RefusalCode | 'internal'
  readonly reference: string
}

type Telling = { readonly title: TextKey; readonly lead?: TextKey; readonly art?: Art }

const tellings: Partial<Record<RefusalCode | 'internal', Telling>> = {
  internal: { title: 'error_bug_title', lead: 'error_bug_lead', art: 'cable' },
  not_found: { title: 'not_found_title' },
  upstream_unreachable: {
    title: 'upstream_unreachable_title',
    lead: 'upstream_unreachable_lead',
    art: 'cable',
  },
  upstream_timeout: { title: 'upstream_timeout_title', lead: 'upstream_timeout_lead', art: 'cable' },
  upstream_busy: { title: 'upstream_busy_title', lead: 'upstream_unreachable_lead', art: 'cable' },
  no_upstream: { title: 'upstream_not_configured_title', lead: 'upstream_not_configured_lead', art: 'open' },
}

/** Any "no" as a page: what happened, one thing to do, and a reference to name when asking. */
export function renderRefusalPage(look: Look, page: RefusalPage): string {
  const say = sayIn(look.locale)
  const told: Telling = tellings[page.code] ?? { title: 'error_title' }
  const lead =
    told.lead === undefined && page.code !== 'internal'
      ? refusalText(look.locale, page.code)
      : say(told.lead ?? 'error_bug_lead', { name: look.brand.name })
  const action = html`<a class="button" href="${look.here ?? '/'}">${say('try_again')}</a>
${referenceText(look, page.reference)}`
  return layout(look, {
    title: say(told.title),
    body: telling(told.art ?? 'closed', say(told.title), lead, action),
  })
}
