import type { SessionDirectory } from '../sessions/session-directory.ts'
import type { DisownedSession, NoticeStore, SessionClaim } from './notice-store.ts'

type Needs = {
  readonly noticeStore: Pick<NoticeStore, 'disown'>
  readonly sessionDirectory: Pick<SessionDirectory, 'revoke'>
  readonly config: { readonly sessions: { readonly stop_sends_hours: number } }
}

/**
 * Does what "no fui yo" asks for: the session ends here at once and elsewhere within a second, its browser is unknown again, and
 * strangers get no code sent to the phone for some hours. Undefined when that phone was told of no such session.
 */
export async function disownSession(
  { noticeStore, sessionDirectory, config }: Needs,
  claim: SessionClaim,
): Promise<DisownedSession | undefined> {
  const disowned = await noticeStore.disown(claim, config.sessions.stop_sends_hours * 3600)
  for (const sessionId of disowned?.sessionIds ?? []) sessionDirectory.revoke({ sessionId })
  return disowned
}
