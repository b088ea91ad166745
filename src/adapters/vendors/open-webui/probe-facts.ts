/** What `GET /api/config` tells anybody. */
export type ConfigFacts = {
  readonly version: string
  /** False with `WEBUI_AUTH=false`: everybody is one administrator there. */
  readonly isAuthOn: boolean
  /** Whether `WEBUI_AUTH_TRUSTED_EMAIL_HEADER` is set, to whatever name. */
  readonly isTrustedHeaderOn: boolean
  readonly isSignupOn: boolean
  readonly isLoginFormOn: boolean
  readonly isLdapOn: boolean
  readonly isWebsocketOn: boolean
  /** Names of the OAuth providers that its own sign-in page offers. */
  readonly oauthProviders: readonly string[]
  /** Whether it has no account yet: the first one becomes administrator. */
  readonly isWithoutAccounts: boolean
}

/** What it says to a sign-in without any header; it makes no account. */
export type HeaderlessSignIn = {
  readonly status: number
  readonly detail: string | undefined
  /** `ready` where it misses the trusted header; `password_auth_off` with `ENABLE_PASSWORD_AUTH=false`; `open` where it signs anybody in. */
  readonly meaning: 'ready' | 'password_auth_off' | 'trusted_header_off' | 'open' | 'unknown'
}

/** Settings in effect that only an administrator is told; undefined where this version does not name one. */
export type AdminFacts = {
  readonly defaultRole: string | undefined
  /** As the program writes it: `4w`, `12h`, `-1` for never. */
  readonly jwtExpiresIn: string | undefined
  readonly webuiUrl: string | undefined
  readonly isSignupOn: boolean | undefined
  readonly areApiKeysOn: boolean | undefined
  readonly isMfaOn: boolean | undefined
  /** Whether a sign-in by header is spared the second factor. */
  readonly isMfaBypassedByHeader: boolean | undefined
}

/** OAuth settings that matter to Portero; the client secret is never among them. */
export type OauthFacts = {
  readonly isOn: boolean | undefined
  readonly isSignupOn: boolean | undefined
  readonly isMergingByEmail: boolean | undefined
  readonly providerUrl: string | undefined
  readonly clientId: string | undefined
  readonly hasClientSecret: boolean
}

/** What a page of another site is told. */
export type CorsFacts = {
  /** `Access-Control-Allow-Origin`, if there is one. */
  readonly allowOrigin: string | undefined
  readonly allowsCredentials: boolean
  /** Whether that origin may read answers. */
  readonly isForeignAllowed: boolean
}

/** What the sign-in of Portero's own account brings to light. */
export type ServiceSignIn = {
  readonly accountId: string
  /** `admin`, unless the role header is not read. */
  readonly role: string
  /** Undefined when its sessions never end. */
  readonly jwtLifeSeconds: number | undefined
  readonly cookie: {
    readonly isSecure: boolean
    readonly isHttpOnly: boolean
    /** In small letters. */
    readonly sameSite: string | undefined
  }
}
