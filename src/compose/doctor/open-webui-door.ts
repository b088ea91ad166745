import type { ConfigFacts, HeaderlessSignIn } from '../../adapters/vendors/open-webui/probe.ts'
import type { HeadersRead } from '../../adapters/vendors/open-webui/probe-headers.ts'
import { isRefusal, type RefusalCode } from '../../domain/errors.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

/** The release that Portero is tried against. */
const knownVersion = [0, 12, 4] as const

/** Says what the version means. */
export function judgeVersion(version: string): Finding {
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number)
  const known = knownVersion.join('.')
  if (numbers === undefined) {
    return warning(
      'The version of Open WebUI is unknown.',
      `Portero is tried against ${known}; use that or a newer one.`,
    )
  }
  const at = knownVersion.findIndex((number, i) => number !== numbers[i])
  if (at >= 0 && numbers[at]! < knownVersion[at]!) {
    return warning(
      `This is Open WebUI ${numbers.join('.')}, older than ${known}, which Portero is tried against.`,
      `Update it: older ones behave otherwise, and newer ones mend security faults.`,
    )
  }
  return ok(`Open WebUI ${numbers.join('.')} answers.`)
}

/** Whether its door is one that Portero can open: said before anybody signs in. One fault stands for what follows from it. */
export function judgeDoor(config: ConfigFacts, { meaning, status }: HeaderlessSignIn): Finding[] {
  if (!config.isAuthOn || meaning === 'open') {
    return [
      fault(
        'Open WebUI signs everybody in as one administrator.',
        'In the environment of Open WebUI: WEBUI_AUTH=true',
      ),
    ]
  }
  const door = judgeSignIn(config, meaning, status)
  if (door.status === 'ok' || !config.isWithoutAccounts) return [door]
  return [
    door,
    warning(
      'Open WebUI has no account yet: whoever opens it first becomes its administrator.',
      "Mend the fault above first; then portero doctor makes an account of Portero's own the first one.",
    ),
  ]
}

function judgeSignIn(config: ConfigFacts, meaning: HeaderlessSignIn['meaning'], status: number): Finding {
  if (meaning === 'password_auth_off') {
    return fault(
      'ENABLE_PASSWORD_AUTH=false switches off the sign-in by header too: nobody gets in.',
      'In the environment of Open WebUI: ENABLE_PASSWORD_AUTH=true (ENABLE_LOGIN_FORM=false hides its form)',
    )
  }
  if (!config.isTrustedHeaderOn || meaning === 'trusted_header_off') {
    return fault(
      'Open WebUI takes no sign-ins by header: nobody gets in.',
      'In the environment of Open WebUI: WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email',
    )
  }
  if (meaning === 'unknown') {
    return fault(
      `Open WebUI answers a sign-in without a header in an unknown way (${status}).`,
      'Look at its log; Portero is tried against 0.12.4.',
    )
  }
  return ok('Open WebUI takes sign-ins by header.')
}

/** What keeps Portero's own account from signing in; the faults of `judgeDoor` are not among them. */
export function judgeFailedSignIn(thrown: unknown): Finding {
  const [what, cure] = (isRefusal(thrown) ? failures[thrown.code] : undefined) ?? [
    "Portero's own account cannot sign in to Open WebUI.",
    'Look at the log of Open WebUI.',
  ]
  return fault(what, cure)
}

const failures: Partial<Record<RefusalCode, readonly [what: string, cure: string]>> = {
  app_headers_off: [
    'Open WebUI reads its trusted header under another name than X-Portero-Email: nobody gets in.',
    'In the environment of Open WebUI: WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email',
  ],
  app_second_factor: [
    'Open WebUI asks for a second factor after the code: nobody gets in.',
    'In the environment of Open WebUI: MFA_ALLOW_TRUSTED_HEADER_BYPASS=true (or ENABLE_MFA=false; once it has started, both are in its admin panel)',
  ],
  app_sign_in_off: [
    'Open WebUI refuses sign-ins: nobody gets in.',
    'In the environment of Open WebUI: ENABLE_PASSWORD_AUTH=true',
  ],
  app_answer_unknown: [
    'Open WebUI answers a sign-in in a way that Portero does not understand.',
    'Look at its log; Portero is tried against 0.12.4.',
  ],
  upstream_timeout: [
    "Open WebUI took too long to sign Portero's own account in.",
    'Look at its log and its load.',
  ],
  upstream_unreachable: ["Open WebUI broke off the sign-in of Portero's own account.", 'Look at its log.'],
}

/** What the sign-in of Portero's own account shows of the other headers. */
export function judgeHeaders({ isRoleRead, wasNameRead }: HeadersRead): Finding[] {
  const roleFinding = isRoleRead
    ? ok('Open WebUI reads the header X-Portero-Role.')
    : fault(
        'Open WebUI does not read the header X-Portero-Role: nobody gets the role that Portero gives, newcomers may wait for ever.',
        'In the environment of Open WebUI: WEBUI_AUTH_TRUSTED_ROLE_HEADER=X-Portero-Role',
      )
  const nameFinding = wasNameRead
    ? ok('Open WebUI reads the header X-Portero-Name.')
    : warning(
        "Open WebUI did not read the header X-Portero-Name when it made Portero's own account: people may be shown by made-up addresses.",
        'In the environment of Open WebUI: WEBUI_AUTH_TRUSTED_NAME_HEADER=X-Portero-Name; then name that account Portero in its admin panel.',
      )
  return [roleFinding, nameFinding]
}
