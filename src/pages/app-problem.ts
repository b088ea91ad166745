import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '../domain/errors.ts'
import { cookieNames, parseCookies } from '../http/cookies.ts'
import { chooseLocale } from '../http/locale.ts'
import type { Problem, ProblemNeeds } from '../http/problem.ts'
import { brandOf } from './look.ts'
import type { PagesNeeds } from './needs.ts'
import { paths } from './parts.ts'
import { problemPage } from './problem-page.ts'

const refusalOf = {
  unreachable: 'upstream_unreachable',
  timeout: 'upstream_timeout',
  no_upstream: 'no_upstream',
} as const

type Needs = ProblemNeeds & Pick<PagesNeeds, 'settings'> & { readonly hasSecureCookies: boolean }

/** What a person sees in place of an app that does not answer, in the language that they read. */
export function appProblemPages(
  needs: Needs,
): (what: keyof typeof refusalOf, headers: IncomingHttpHeaders) => Problem {
  const { settings } = needs
  const brand = brandOf({ ...settings.brand, logo: settings.logo === undefined ? undefined : paths.logo })
  const { language } = cookieNames(needs.hasSecureCookies)
  return (what, headers) => {
    const chosen = parseCookies(headers.cookie).get(language)
    const locale = chooseLocale(headers['accept-language'], [chosen], settings.defaultLocale)
    const look = { locale, brand, demo: settings.demo, here: undefined }
    return problemPage(needs, look, new Refusal(refusalOf[what]))
  }
}
