import type { Fetch } from '../vendors/post.ts'

/** Where a chat completion is asked for. */
type CompletionPlace = {
  readonly fetch: Fetch
  readonly url: string
  /** The key of the configuration that says so, for errors. */
  readonly setting: string
}

/**
 * Asks once for a streamed chat completion. Rejects where there is no answer, and nothing of what was asked, or of the token,
 * stands in the error. Follows no redirect, which would carry the token elsewhere.
 */
export async function requestCompletion(
  place: CompletionPlace,
  { token, body }: { readonly token: string | undefined; readonly body: string },
  signal: AbortSignal,
): Promise<Response> {
  signal.throwIfAborted()
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  try {
    return await place.fetch(place.url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  } catch {
    // What was thrown may tell of the request.
    throw new Error(`${place.setting} gave no answer`)
  }
}
