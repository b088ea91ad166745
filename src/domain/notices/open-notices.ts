import type { Log } from '../log.ts'
import { openPump } from '../open-pump.ts'
import { noticeLeaseSeconds, type TellNoticeNeeds, tellNotice } from './tell-notice.ts'

type Needs = TellNoticeNeeds & {
  readonly log: Log
  /** A new UUID at each call. */
  readonly newToken: () => string
}

/** What tells phones in the background what they did not ask for. */
export type NoticeWorker = {
  /** Takes nothing more; what was begun is finished. */
  close(): Promise<void>
}

const noticesAtOnce = 4
const lookEveryMs = 1000

/** Opens the worker; any number of processes may have one at once. It looks each second. */
export function openNoticeWorker(needs: Needs): NoticeWorker {
  const { noticeStore, channels, log, newToken } = needs
  const pump = openPump({
    atOnce: noticesAtOnce,
    take: async () => {
      const token = newToken()
      const notice = await noticeStore.take(token, noticeLeaseSeconds, channels)
      return notice && { notice, token }
    },
    work: ({ notice, token }) => tellNotice(needs, notice, token),
    log,
  })
  const timer = setInterval(pump.wake, lookEveryMs)
  timer.unref()
  pump.wake()
  return {
    async close() {
      clearInterval(timer)
      await pump.close()
    },
  }
}
