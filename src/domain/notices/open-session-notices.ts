import { openPump } from '../chat/open-pump.ts'
import type { Log } from '../log.ts'
import { noticeLeaseSeconds, type TellNewSessionNeeds, tellNewSession } from './tell-new-session.ts'

type Needs = TellNewSessionNeeds & {
  readonly log: Log
  /** A new UUID at each call. */
  readonly newToken: () => string
}

/** What tells phones of new sessions in the background. */
export type SessionNotices = {
  wake(): void
  /** Takes nothing more; what was begun is finished. */
  close(): Promise<void>
}

const noticesAtOnce = 4
const lookEveryMs = 1000

/** Opens the worker; any number of processes may have one at once. It looks each second, and when it is woken. */
export function openSessionNotices(needs: Needs): SessionNotices {
  const { sessionNoticeStore, channels, log, newToken } = needs
  const pump = openPump({
    atOnce: noticesAtOnce,
    take: async () => {
      const token = newToken()
      const notice = await sessionNoticeStore.take(token, noticeLeaseSeconds, channels)
      return notice && { notice, token }
    },
    work: ({ notice, token }) => tellNewSession(needs, notice, token),
    log,
  })
  const timer = setInterval(pump.wake, lookEveryMs)
  timer.unref()
  pump.wake()
  return {
    wake: pump.wake,
    async close() {
      clearInterval(timer)
      await pump.close()
    },
  }
}
