import { setTimeout as sleep } from 'node:timers/promises'
import { pssKilobytes } from './children.ts'

const sampleMs = 50

/** Looks at the memory of a process again and again until the work is done; resolves with the most it had, in MB (PSS). */
export async function peakMegabytesWhile(pid: number, work: Promise<unknown>): Promise<number> {
  let isDone = false
  const settle = (): void => {
    isDone = true
  }
  work.then(settle, settle)
  let peak = 0
  while (!isDone) {
    peak = Math.max(peak, pssKilobytes([pid]) / 1024)
    await sleep(sampleMs)
  }
  await work
  return peak
}
