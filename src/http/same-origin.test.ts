import { describe, expect, test } from 'vitest'
import { isRefusal } from '../domain/errors.ts'
import { requireSameOrigin } from './same-origin.ts'

const ours = ['https://in.example.org']

function passes(headers: Record<string, string>): boolean {
  try {
    requireSameOrigin(headers, ours)
    return true
  } catch (thrown) {
    if (isRefusal(thrown, 'origin_not_allowed')) return false
    throw thrown
  }
}

describe('a state-changing request', () => {
  test.each([
    [{ origin: 'https://in.example.org' }],
    [{ origin: 'https://in.example.org', 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ])('passes from a page of ours: %j', (headers) => {
    expect(passes(headers)).toBe(true)
  })

  test.each([
    [{}],
    [{ origin: 'null' }],
    [{ origin: '' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'https://in.example.org.evil.example' }],
    [{ origin: 'http://in.example.org' }],
    [{ origin: 'https://in.example.org:8443' }],
    [{ origin: 'https://IN.example.org' }],
    [{ origin: 'https://in.example.org/' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'same-origin, cross-site' }],
    [{ origin: 'https://in.example.org', 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    [{ referer: 'https://in.example.org/_portero/signin' }],
  ])('is refused from anywhere else: %j', (headers) => {
    expect(passes(headers)).toBe(false)
  })
})
