import { isRefusal } from '../domain/errors.ts'

/** Whether the application behind is one that Portero knows. */
export type Recognised = {
  /** At once where it is known or has been asked before; a promise for the first answer, which rejects while nobody answers. */
  isKnown(): boolean | Promise<boolean>
  /** What was found out up to now, without asking. */
  readonly sofar: boolean
}

type Needs = {
  /** Asks the application. Rejects as `AppCall` does when it does not answer. */
  readonly ask: () => Promise<boolean>
  readonly now: () => number
}

/**
 * How long a "no" is believed. It may have been somebody else's answer: a proxy in between whose application starts later, a page
 * of maintenance. A "yes" stands.
 */
const noStandsMs = 30_000

/** Finds out by asking, once for a yes and again and again for a no; what has no answer yet is asked at each look. */
export function recogniseByAsking({ ask, now }: Needs): Recognised {
  let sofar = false
  let saidNoAt: number | undefined
  let asking: Promise<boolean> | undefined

  async function find(): Promise<boolean> {
    try {
      sofar = await ask()
    } catch (thrown) {
      // Somebody is there who does not say: it is served as what it has been, and asked again.
      if (!isRefusal(thrown, 'upstream_timeout') && saidNoAt === undefined) throw thrown
    }
    if (!sofar) saidNoAt = now()
    return sofar
  }
  function askOnce(): Promise<boolean> {
    asking ??= find().finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    get sofar() {
      return sofar
    },
    isKnown() {
      if (sofar) return true
      if (saidNoAt === undefined) return askOnce()
      if (now() - saidNoAt >= noStandsMs) void askOnce().catch(() => {})
      return false
    },
  }
}
