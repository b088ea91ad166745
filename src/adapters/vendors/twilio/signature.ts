import { createHash, createHmac } from 'node:crypto'
import { parse, stringify } from 'node:querystring'
import { isSameText } from '../same-text.ts'

type Signed = {
  /** The address that Twilio was given, query included. It is what was configured, never what `Host` says. */
  readonly url: string
  /** What the form held, every field of it, known or not. */
  readonly form: URLSearchParams
  /** The bytes of a body that is no form; Twilio puts their hash into the query (`bodySHA256`). */
  readonly body: Uint8Array
}

/**
 * Whether Twilio signed this request with one of the auth tokens of the account; several while one takes over from another.
 * `header` is `X-Twilio-Signature`. Like Twilio's own libraries it takes the address with and without its port, and with its
 * query written in either of two ways, because Twilio does not always sign the same one.
 */
export function isSignedByTwilio(
  { url, form, body }: Signed,
  header: string | undefined,
  authTokens: readonly string[],
): boolean {
  if (header === undefined || !/^[A-Za-z0-9+/]{27}=$/.test(header) || !URL.canParse(url)) return false
  const hash = new URL(url).searchParams.get('bodySHA256')
  if (hash !== null && !isSameText(hash, createHash('sha256').update(body).digest('hex'))) return false
  const fields = hash === null ? form : new URLSearchParams()
  let isSigned = false
  for (const spelling of spellingsOf(url))
    for (const token of authTokens)
      isSigned = isSameText(header, twilioSignature(spelling, fields, token)) || isSigned
  return isSigned
}

/** What Twilio signs a request with: HMAC-SHA1 over the address and every field, in the order of their names. */
export function twilioSignature(url: string, form: URLSearchParams, authToken: string): string {
  const names = [...new Set(form.keys())].toSorted()
  const text = names.flatMap((name) =>
    [...new Set(form.getAll(name))].toSorted().map((value) => `${name}${value}`),
  )
  return createHmac('sha1', authToken)
    .update(`${url}${text.join('')}`)
    .digest('base64')
}

function spellingsOf(url: string): Set<string> {
  const { protocol, host, port, pathname, search } = new URL(url)
  const defaultPort = protocol === 'https:' ? '443' : '80'
  const bare = host.replace(/:\d+$/, '')
  const hosts = [bare, `${bare}:${port || defaultPort}`]
  // Without a limit, or fields beyond the thousandth would count as signed without having been.
  const legacy = search === '' ? '' : `?${stringify(parse(search.slice(1), '&', '=', { maxKeys: 0 }))}`
  const written = hosts.flatMap((one) =>
    [search, legacy].map((query) => `${protocol}//${one}${pathname}${query}`),
  )
  return new Set([url, ...written])
}
