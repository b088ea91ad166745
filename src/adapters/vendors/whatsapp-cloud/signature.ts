import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether Meta signed exactly these bytes with one of the app secrets; several while one takes over from another. `header` is
 * `X-Hub-Signature-256`: `sha256=` and the HMAC in small hex letters. The bytes have to be those that came: Meta escapes what
 * is not ASCII, so parsing and writing again gives others.
 */
export function isSignedByMeta(
  body: Uint8Array,
  header: string | undefined,
  appSecrets: readonly string[],
): boolean {
  const hex = /^sha256=([\da-f]{64})$/.exec(header ?? '')?.[1]
  if (hex === undefined) return false
  const given = Buffer.from(hex, 'hex')
  let isSigned = false
  // All of them every time: how long it takes does not tell which one it was.
  for (const secret of appSecrets)
    isSigned = timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given) || isSigned
  return isSigned
}
