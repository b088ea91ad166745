import { expect, test } from 'vitest'
import { parseNetworkFactor } from './limits-config.ts'

test('a network and its factor are read from one text', () => {
  expect(parseNetworkFactor('200.10.20.0/24=10')).toEqual({ cidr: '200.10.20.0/24', factor: 10 })
  expect(parseNetworkFactor('::1=0.5')).toEqual({ cidr: '::1', factor: 0.5 })
})

test.each([
  '',
  '10.0.0.0/8',
  '10.0.0.0/8=',
  '10.0.0.0/8=0',
  '10.0.0.0/8=-1',
  '10.0.0.0/8=1e9',
  '10.0.0.0/8=2=3',
  'office=2',
])('%j is neither', (text) => expect(parseNetworkFactor(text)).toBeUndefined())
