import { loaderPath } from './loader.ts'
import { signInPath } from './sign-in.ts'
import { signOutPath } from './sign-out.ts'

/** What the gateway does otherwise for an Open WebUI. */
export type OpenWebuiRules = {
  /** Whether nobody may get there from outside. The path comes as it stands in the request line, without the query. */
  isClosed(rawPath: string): boolean
  /** Which of its requests Portero answers. The path is decoded and can be read in one way only. */
  placeOf(method: string, plainPath: string): 'sign_in' | 'sign_out' | 'loader' | undefined
  /** Whether this `Authorization` holds one of its API keys, and no session of a person. */
  isApiKey(authorization: string): boolean
  /** Name of the cookie that holds its session. */
  readonly sessionCookie: string
}

/** Whatever makes accounts or sessions there past Portero. Paths in small letters. */
const closed = [
  /^\/api\/v1\/auths\/(?:signup|ldap)(?:\/|$)/,
  /^\/api\/v1\/auths\/oauth\/[^/]+\/token\/exchange$/,
  /^\/api\/v1\/scim(?:\/|$)/,
  /^\/oauth\/backchannel-logout$/,
  // Below /oauth/clients/ people connect their tools, which signs nobody in.
  /^\/oauth\/(?!clients\/)[^/]+\/(?:login|callback)(?:\/callback)?$/,
]
/** All of the second factor but the question whether there is one. */
const mfa = /^\/api\/v1\/auths\/mfa(?!\/status$)(?:\/|$)/

/** Percent-encoding that some proxy or app on the way might take off. */
const decodingsMax = 4
/** Stands in every path that is closed, however else it is written; most paths are open at this look. */
const suspicious = /%|sign(?:in|up)|ldap|scim|oauth|mfa/i

/** The rules for an Open WebUI. */
export function openWebuiRules({
  allowMfaEnrolment,
}: {
  readonly allowMfaEnrolment: boolean
}): OpenWebuiRules {
  const patterns = allowMfaEnrolment ? closed : [...closed, mfa]
  return {
    isClosed: (rawPath) => {
      if (!suspicious.test(rawPath)) return false
      const path = generously(rawPath)
      // Its sign-in makes an account of whoever comes: only Portero answers there, so it has one spelling.
      return (path === signInPath && rawPath !== signInPath) || patterns.some((pattern) => pattern.test(path))
    },
    placeOf: (method, plainPath) => {
      if (method === 'POST' && plainPath === signInPath) return 'sign_in'
      if (method === 'POST' && plainPath === signOutPath) return 'sign_out'
      return (method === 'GET' || method === 'HEAD') && plainPath === loaderPath ? 'loader' : undefined
    },
    // Its keys are `sk-` and letters; a session's JWT has dots and begins otherwise. It takes the scheme in any case.
    isApiKey: (authorization) =>
      /^bearer sk-[\w-]+$/i.test(authorization) && authorization.startsWith('sk-', 7),
    sessionCookie: 'token',
  }
}

/**
 * The rules while nobody knows whether it is an Open WebUI: it is served like any application, but where that program would make
 * accounts of whoever comes, nobody gets in.
 */
export const undecidedRules = {
  isClosed: (rawPath: string): boolean =>
    /%|auths/i.test(rawPath) && /^\/api\/v1\/auths(?:\/|$)/.test(generously(rawPath)),
  placeOf: () => undefined,
  isApiKey: () => false,
  sessionCookie: undefined,
}

/** As the most generous reader takes a path; one that cannot be what it seems loses nothing but being closed too. */
function generously(rawPath: string): string {
  let path = rawPath
  for (let i = 0; i < decodingsMax && path.includes('%'); i++) {
    path = path.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
  const names: string[] = []
  for (const written of path.toLowerCase().split(/[/\\]/)) {
    const name = written.replace(/[;?#].*/s, '').trim()
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}
