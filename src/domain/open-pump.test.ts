import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { silentLog } from './log.ts'
import { openPump } from './open-pump.ts'

/** A pump over numbers, and what was done to it. */
function pumpOver(items: number[], atOnce: number) {
  const did = { looks: 0, most: 0, busy: 0, worked: [] as number[] }
  const pump = openPump({
    atOnce,
    take: async () => {
      did.looks++
      await sleep(1)
      return items.shift()
    },
    work: async (item) => {
      did.most = Math.max(did.most, ++did.busy)
      await sleep(5)
      did.busy--
      did.worked.push(item)
    },
    log: silentLog,
  })
  return { pump, did }
}

test('a backlog of which one wake tells is worked on by as many as may be', async () => {
  const { pump, did } = pumpOver(
    Array.from({ length: 100 }, (_, i) => i),
    8,
  )
  pump.wake()
  await expect.poll(() => did.worked.length).toBe(100)
  expect(did.most).toBe(8)
})

test('an item alone costs one look beside its own', async () => {
  const items: number[] = []
  const { pump, did } = pumpOver(items, 8)
  for (let i = 0; i < 5; i++) {
    items.push(i)
    pump.wake()
    await expect.poll(() => did.worked.length).toBe(i + 1)
    await sleep(20)
  }
  expect(did.looks).toBe(10)
})

test('what comes while all are busy, or while one is looking in vain, is not missed', async () => {
  const items: number[] = []
  const { pump, did } = pumpOver(items, 2)
  for (let i = 0; i < 200; i++) {
    items.push(i)
    pump.wake()
    await sleep(i % 3)
  }
  await expect.poll(() => did.worked.length).toBe(200)
})

test('closed, it takes nothing more and waits for what is under way', async () => {
  const { pump, did } = pumpOver([1, 2, 3], 1)
  pump.wake()
  await pump.close()
  expect([did.busy, did.worked]).toEqual([0, [1]])
  pump.wake()
  await sleep(20)
  expect(did.looks).toBe(1)
})
