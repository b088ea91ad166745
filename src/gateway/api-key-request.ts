/** What may carry a person's session beside `Authorization`: the cookies, and a header that some apps take tokens from. */
const carriers = new Set(['cookie', 'x-api-key'])

/** The headers of a request that comes with an API key of the app's own: the key speaks, and nothing else does. */
export function apiKeyHeaders(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!carriers.has(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}
