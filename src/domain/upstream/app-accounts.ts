/** What an application with accounts of its own is told of a person. */
export type AppIdentity = {
  /** Under which the application knows the account; one plain address in small letters, never empty. */
  readonly email: string
  /** Shown to other people there; never empty. */
  readonly name: string
  /** Undefined leaves the role as it stands there. */
  readonly role: string | undefined
  /** Names of groups, exactly these; none when empty. Undefined leaves them as they stand there. */
  readonly groups: readonly string[] | undefined
}

/** A session with the application, made for one browser, or for Portero itself on somebody's behalf. */
export type AppSession = {
  /** The application's own id of the account. */
  readonly accountId: string
  /** The role that the account has now. */
  readonly role: string
  /** `Set-Cookie` values for that browser. */
  readonly cookies: readonly string[]
  /** What the page of the application looks for in the browser's local storage. */
  readonly storage: Readonly<Record<string, string>>
  /** The application's own answer to the sign-in, as JSON text. */
  readonly answer: string
  /** What opens it from server to server. */
  readonly token: string
  /** When the token ends, in ms since 1970; undefined when it never does. */
  readonly endsAt: number | undefined
}

/** What became of an order about an account: `gone` where there is none any more, `protected` where the application lets nobody. */
export type AccountOutcome = 'done' | 'gone' | 'protected'

/**
 * The accounts of the application behind. All of it goes from server to server. Every call may be repeated and may run
 * beside others about the same account: doing it twice comes to the same as doing it once.
 *
 * Rejects with `upstream_unreachable` or `upstream_timeout` when the application does not answer, with
 * `app_sign_in_off`, `app_headers_off`, `app_second_factor` or `app_answer_unknown` when it answers otherwise than it should.
 */
export interface AppAccounts {
  /** Signs a person in, and makes the account where there is none: many at once make one. */
  signIn(identity: AppIdentity): Promise<AppSession>
  /** Ends every session of the account on all devices and cuts its sockets. */
  endSessions(accountId: string): Promise<AccountOutcome>
  /** Changes what is given and nothing else. */
  changeAccount(
    accountId: string,
    changes: { readonly name?: string; readonly role?: string },
  ): Promise<AccountOutcome>
  /** Undefined when there is no such account. */
  readAccount(accountId: string): Promise<{ readonly name: string; readonly role: string } | undefined>
  /** The id of the account with this address; undefined when there is none. */
  findAccount(email: string): Promise<string | undefined>
  /** Those of these groups that exist; with `isCreating`, the missing ones are made first. Case counts. */
  existingGroups(names: readonly string[], isCreating: boolean): Promise<readonly string[]>
}
