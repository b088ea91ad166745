import { expect, test } from 'vitest'
import type { Row } from '../bench/bench.ts'
import { markdownOf, mergedMarkdown } from '../bench/support/report.ts'

const row = (work: string, figure: number): Row => ({
  ...{ work, portero: '', beside: '', figure, unit: 's', target: { atMost: 5 } },
})
const earlier = markdownOf(
  [row('start', 1), row('nginx', 2), row('nginx', 3), row('bot', 4)],
  'npm run bench',
  '2026-01-01',
)
const head = earlier.split('\n').slice(0, 4)

test('results of some benchmarks take the place of those about the same work; the others stay as they were', () => {
  const merged = mergedMarkdown(`${earlier}\n`, [row('nginx', 7), row('recognition', 6)], '2026-02-02')
  expect(merged.split('\n')).toEqual([
    ...head,
    '| start |  |  | 1.0 s | ≤ 5 s | met |',
    '| nginx |  |  | 7.0 s | ≤ 5 s | missed; measured 2026-02-02 |',
    '| bot |  |  | 4.0 s | ≤ 5 s | met |',
    '| recognition |  |  | 6.0 s | ≤ 5 s | missed; measured 2026-02-02 |',
  ])
})

test('results that are merged twice are the same as once', () => {
  const once = mergedMarkdown(earlier, [row('bot', 3)], '2026-02-02')
  expect(mergedMarkdown(once, [row('bot', 3)], '2026-02-02')).toBe(once)
})
