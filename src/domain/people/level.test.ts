import { expect, test } from 'vitest'
import { levelOf } from './level.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000

test.each([
  ['attested', now, 'confirmed'],
  ['attested', now - 10 * minute + 1, 'confirmed'],
  ['attested', now - 10 * minute, 'verified'],
  ['attested', now - 300 * 24 * 60 * minute, 'verified'],
  ['attested', undefined, 'declared'],
  ['declared', now, 'declared'],
  ['declared', undefined, 'declared'],
] as const)('a phone that is %s and was proved at %s makes %s', (belongs, provedAt, level) =>
  expect(levelOf(belongs, provedAt, now)).toBe(level),
)
