import type { Log } from '../log.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { SessionStore } from './session-store.ts'

const everyMs = 500

type Needs = { sessionStore: SessionStore; sessionDirectory: SessionDirectory; log: Log }

/**
 * Asks twice a second what other replicas, the command line or plain SQL have ended, and tells the directory. Rejects if the
 * first reading fails: nothing can be let in before it. Answers how to stop.
 */
export async function hearRevocations({ sessionStore, sessionDirectory, log }: Needs): Promise<() => void> {
  let since: string | undefined
  let timer: NodeJS.Timeout
  let isStopped = false
  // The feed repeats what is near its edge; telling it again would only empty the directory again.
  let told = new Set<string>()

  const hear = async (): Promise<void> => {
    const { revocations, next } = await sessionStore.readRevocations(since)
    for (const revocation of revocations) if (!told.has(revocation.id)) sessionDirectory.revoke(revocation)
    since = next
    told = new Set(revocations.map(({ id }) => id))
    sessionDirectory.heardRevocations()
  }
  const again = (): void => {
    timer = setTimeout(async () => {
      try {
        await hear()
      } catch (thrown) {
        log.warn(
          { error: thrown instanceof Error ? thrown.name : 'unknown' },
          'revocations could not be read',
        )
      }
      if (!isStopped) again()
    }, everyMs)
    timer.unref()
  }

  await hear()
  again()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
