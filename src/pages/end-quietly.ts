import { isRefusal } from '../domain/errors.ts'
import type { PagesNeeds } from './needs.ts'

/** Ends a session. One that has ended meanwhile is as ended as it was wished to be. */
export async function endQuietly(
  portero: PagesNeeds,
  by: { readonly personId: string; readonly sessionId: string },
): Promise<void> {
  try {
    await portero.endSession({ ...by, sessionId: by.sessionId.toLowerCase() })
  } catch (thrown) {
    if (!isRefusal(thrown, 'session_not_found')) throw thrown
  }
}
