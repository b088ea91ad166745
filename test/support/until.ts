import { setTimeout as sleep } from 'node:timers/promises'

/** No promise of anybody: as long as a machine takes that is busy with much else. */
const patienceMs = 45_000

/** Waits until something is so, and looks every 20 ms; rejects when it does not come to it, which tells no more than that it never will. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`it did not happen: ${isSo}`)
    await sleep(20)
  }
}
