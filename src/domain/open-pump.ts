import { isRefusal } from './errors.ts'
import type { Log } from './log.ts'

type Options<Item> = {
  /** How many items are worked on at once. */
  readonly atOnce: number
  /** One item that nobody else has; undefined when there is none. */
  readonly take: () => Promise<Item | undefined>
  readonly work: (item: Item) => Promise<unknown>
  readonly log: Log
}

/** Takes and works on items until there are none, each time that it is woken; more and more at once while there are many. */
export type Pump = {
  wake(): void
  /** Takes no more; resolves when what is under way is done. */
  close(): Promise<void>
}

/** A pump that sleeps until it is first woken. Whatever fails is logged; the next wake is another try. */
export function openPump<Item>({ atOnce, take, work, log }: Options<Item>): Pump {
  const running = new Set<Promise<void>>()
  let isClosed = false
  let isWoken = false

  async function run(): Promise<void> {
    try {
      for (let taken = 0; !isClosed; ) {
        isWoken = false
        const item = await take()
        if (item === undefined) {
          if (isWoken) continue
          return
        }
        // Who finds a second one has a backlog before them, and calls for help; for one alone nobody else need look.
        if (++taken > 1) wake()
        await work(item)
      }
    } catch (thrown) {
      // Of a database that is away it is enough to hear once, from whoever watches it.
      if (isRefusal(thrown, 'database_unavailable')) return
      log.warn({ error: thrown instanceof Error ? thrown.message : 'unknown' }, 'background work failed')
    }
  }

  function wake(): void {
    isWoken = true
    if (isClosed || running.size >= atOnce) return
    const runner = run().finally(() => running.delete(runner))
    running.add(runner)
  }

  return {
    wake,
    async close() {
      isClosed = true
      await Promise.all(running)
    },
  }
}
