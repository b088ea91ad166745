import type { Log } from '../domain/log.ts'

/** Does work now and again and again, `everyMs` after it was done; a failure is logged, and the next turn is another try. Answers how to stop. */
export function repeat(everyMs: number, log: Log, work: () => Promise<unknown>): () => Promise<void> {
  let isStopped = false
  let timer: NodeJS.Timeout
  const turn = async (): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      log.warn({ error: thrown instanceof Error ? thrown.message : 'unknown' }, 'background work failed')
    }
    if (isStopped) return
    timer = setTimeout(() => {
      current = turn()
    }, everyMs)
    timer.unref()
  }
  let current = turn()
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await current
  }
}
