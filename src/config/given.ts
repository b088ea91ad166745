import { nearestName } from '../lib/nearest-name.ts'
import type { Finding } from './problem.ts'

/** A value as it was given, and where: `portero.yaml`, `PORTERO_OTP__TTL_SECONDS`. */
export type GivenValue = { readonly value: unknown; readonly source: string }

/** What one place gave, by path of the key, and what is wrong with it. */
export type Given = {
  readonly values: ReadonlyMap<string, GivenValue>
  readonly findings: readonly Finding[]
}

/** Says that a name is no key, and which one was probably meant. */
export function unknownName(name: string, known: readonly string[], where: string): Finding {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? 'Remove it.' : `Did you mean ${nearest}?`
  return { keys: [], text: `${name} (${where}) is nothing that Portero knows. ${hint}` }
}
