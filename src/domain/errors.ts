/** What a refusal is about, free of HTTP, chat and command line; each door maps it to its own kind of answer. */
export type RefusalKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'unavailable'

type Entry = { readonly kind: RefusalKind; readonly message: string }

/**
 * Every "no" that a caller may know about. A code is public surface: it is never reused, and its sentence says
 * what happened and what to do next. The reference is generated from this list, and no door or language can forget one: their tables have it as a type.
 */
export const refusals = {
  invalid_request: {
    kind: 'invalid',
    message: 'The request is not what this address expects. Compare it with the API reference.',
  },
  invalid_phone: {
    kind: 'invalid',
    message:
      'This is not a phone number that Portero understands. Write it with country code, for example +55 11 96123-4567.',
  },
  ambiguous_request: {
    kind: 'invalid',
    message:
      'This request can be read in more than one way. Send one Host, at most one Authorization, and a plain path without dot segments.',
  },
  request_timeout: { kind: 'invalid', message: 'The request did not arrive in time. Send it again.' },
  ambiguous_number: {
    kind: 'invalid',
    message:
      'This number could be two different lines. Send it with its country code, and the plus sign encoded as %2B.',
  },
  country_not_allowed: {
    kind: 'invalid',
    message:
      'Numbers of this country cannot sign in here. Ask the operator to add it to phone.allowed_regions.',
  },
  phone_not_reachable: {
    kind: 'invalid',
    message: 'A code cannot be sent to this kind of number. Use a mobile number.',
  },
  channel_not_available: {
    kind: 'invalid',
    message: 'Codes cannot be sent by this channel. Choose another one.',
  },
  invalid_name: { kind: 'invalid', message: 'This name cannot be used. Write between 1 and 80 letters.' },
  invalid_token: { kind: 'unauthenticated', message: 'The token is not valid, or no longer. Sign in again.' },
  invalid_code: {
    kind: 'unauthenticated',
    message: 'The code is wrong, was used, or has expired. Check it, or ask for a new one.',
  },
  not_signed_in: { kind: 'unauthenticated', message: 'This needs a signed-in person. Sign in first.' },
  invalid_api_key: { kind: 'unauthenticated', message: 'The API key is not valid, or was revoked.' },
  invalid_signature: {
    kind: 'unauthenticated',
    message:
      'The signature of this request is missing or does not fit. The secret here has to be the one that the sender signs with.',
  },
  invalid_verify_token: {
    kind: 'forbidden',
    message: 'This is not how a webhook is set up here. Use the verify token that is configured.',
  },
  approval_pending: {
    kind: 'forbidden',
    message:
      'The number is proved, and now waits for the approval of the organisation. Nothing else has to be done.',
  },
  proof_too_old: {
    kind: 'forbidden',
    message:
      'This person is an administrator, and the phone was proved too long ago for that. Sign in again with a code.',
  },
  person_blocked: { kind: 'forbidden', message: 'This person cannot sign in here. Ask the organisation.' },
  not_admitted: {
    kind: 'forbidden',
    message: 'This number is not registered here. Ask the organisation to add it.',
  },
  origin_not_allowed: {
    kind: 'forbidden',
    message:
      'This request comes from another site. Add its origin to api.allowed_origins if it should be able to.',
  },
  scope_missing: { kind: 'forbidden', message: 'The API key does not have the scope that this needs.' },
  demo_is_local: {
    kind: 'forbidden',
    message:
      'This Portero runs its demo, for this machine only. Set PORTERO_DEMO=true to show it to others, or configure it.',
  },
  insecure_transport: {
    kind: 'forbidden',
    message: 'Sign-in needs HTTPS. Open the https address, or set listen.insecure for a test.',
  },
  not_found: { kind: 'not_found', message: 'There is nothing at this address.' },
  session_not_found: { kind: 'not_found', message: 'There is no such session, or it has already ended.' },
  person_not_found: {
    kind: 'not_found',
    message:
      'There is nobody of this id who may come in. `portero people list` shows who is on record, and in which state.',
  },
  person_not_here: {
    kind: 'not_found',
    message:
      'This person cannot be chosen on the phone of this session. Choose one of `others`, or sign in with a code.',
  },
  method_not_allowed: { kind: 'method_not_allowed', message: 'This address does not take this method.' },
  too_large: { kind: 'too_large', message: 'The request is larger than this address takes.' },
  headers_too_large: { kind: 'too_large', message: 'The headers of this request are larger than 16 KB.' },
  too_many_codes: {
    kind: 'too_many',
    message: 'Too many codes were asked for. Wait as long as Retry-After says, or use another way in.',
  },
  too_many_tries: {
    kind: 'too_many',
    message: 'Too many wrong codes came from this address. Wait as long as Retry-After says.',
  },
  delivery_unavailable: {
    kind: 'unavailable',
    message: 'Codes cannot be sent just now. Try again in a moment, or by another channel.',
  },
  database_unavailable: {
    kind: 'unavailable',
    message: 'Portero cannot reach its database just now. Try again in a moment.',
  },
  revocations_unknown: {
    kind: 'unavailable',
    message: 'Portero cannot tell just now whether this session has ended. Try again in a moment.',
  },
  upstream_unreachable: {
    kind: 'unavailable',
    message: 'The application behind Portero does not answer. Try again in a moment.',
  },
  upstream_timeout: {
    kind: 'unavailable',
    message: 'The application behind Portero took too long to answer. Try again in a moment.',
  },
  upstream_busy: {
    kind: 'unavailable',
    message: 'The application behind Portero has too much to do just now. Try again in a moment.',
  },
  app_sign_in_off: {
    kind: 'unavailable',
    message:
      'The application does not take sign-ins: its password sign-in is switched off, and with it the one by Portero. Ask the operator.',
  },
  app_headers_off: {
    kind: 'unavailable',
    message:
      'The application does not believe Portero: its trusted-header sign-in is not set up. Ask the operator.',
  },
  app_second_factor: {
    kind: 'unavailable',
    message:
      'The application asks for a second factor, which stands in the way of signing in here. Ask the operator.',
  },
  app_answer_unknown: {
    kind: 'unavailable',
    message:
      'The application answered the sign-in in a way that Portero does not understand. Try again, or ask the operator.',
  },
  app_closed_path: {
    kind: 'forbidden',
    message: 'This part of the application is not open here: accounts come from Portero.',
  },
  no_upstream: {
    kind: 'unavailable',
    message: 'No application stands behind this Portero. Set upstream.url to its address.',
  },
} as const satisfies Record<string, Entry>

export type RefusalCode = keyof typeof refusals

/** Facts that may stand beside a refusal; nothing secret, no full number. */
export type RefusalFacts = {
  /** Seconds after which trying again makes sense. */
  retryAfterSeconds?: number
  /** Which field of the input, and what was expected of it. */
  fields?: readonly { field: string; expected: string }[]
}

/** A "no" that the caller may know. Anything else that is thrown is a bug. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly kind: RefusalKind
  readonly facts: RefusalFacts

  constructor(code: RefusalCode, facts: RefusalFacts = {}, cause?: unknown) {
    super(refusals[code].message, cause === undefined ? undefined : { cause })
    this.name = 'Refusal'
    this.code = code
    this.kind = refusals[code].kind
    this.facts = facts
  }
}

/** Whether a thrown thing is a refusal, and of that code if one is given. */
export function isRefusal(thrown: unknown, code?: RefusalCode): thrown is Refusal {
  return thrown instanceof Refusal && (code === undefined || thrown.code === code)
}
