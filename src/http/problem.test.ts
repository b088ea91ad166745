import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Refusal, type RefusalCode, refusals } from '../domain/errors.ts'
import { problemOf, sendProblem } from './problem.ts'
import { referenceMaker } from './reference.ts'

function collect() {
  const lines: { facts: object; text: string }[] = []
  const write = (facts: object, text: string) => void lines.push({ facts, text })
  return { lines, needs: { log: { info: write, warn: write, error: write }, newReference: () => 'ABCD1234' } }
}

describe('a refusal', () => {
  it.each(Object.keys(refusals) as RefusalCode[])(
    '%s becomes a problem with its code and sentence',
    (code) => {
      const { status, headers, body } = problemOf(collect().needs, new Refusal(code))
      const problem = JSON.parse(body)
      expect(problem).toMatchObject({
        type: `urn:portero:refusal:${code}`,
        status,
        code,
        reference: 'ABCD1234',
      })
      expect(problem.detail).toBe(refusals[code].message)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
    },
  )

  it('says when to come back and which field was wrong', () => {
    const fields = [{ field: 'phone', expected: 'a number' }]
    const { headers, body } = problemOf(
      collect().needs,
      new Refusal('too_many_codes', { retryAfterSeconds: 29.2, fields }),
    )
    expect(headers['retry-after']).toBe('30')
    expect(JSON.parse(body)).toMatchObject({ retry_after: 29.2, fields })
  })

  it('has the statuses that HTTP has a word for', () => {
    const statuses = (
      ['upstream_unreachable', 'upstream_timeout', 'headers_too_large', 'not_signed_in'] as const
    ).map((code) => problemOf(collect().needs, new Refusal(code)).status)
    expect(statuses).toEqual([502, 504, 431, 401])
  })

  it('keeps its cause for the log', () => {
    const { lines, needs } = collect()
    const { body } = problemOf(
      needs,
      new Refusal('upstream_unreachable', {}, new Error('connect 10.0.0.9:5432')),
    )
    expect(body).not.toContain('10.0.0.9')
    expect(lines[0]?.facts).toMatchObject({ reference: 'ABCD1234', code: 'upstream_unreachable' })
  })
})

describe('anything else', () => {
  it('is a fixed text outside and the thing itself in the log', () => {
    const { lines, needs } = collect()
    const bug = new Error('password=hunter2')
    const { status, body } = problemOf(needs, bug)
    expect(status).toBe(500)
    expect(body).not.toContain('hunter2')
    expect(JSON.parse(body)).toMatchObject({ code: 'internal_error', reference: 'ABCD1234' })
    expect(lines).toEqual([{ facts: { reference: 'ABCD1234', err: bug }, text: 'a request failed by a bug' }])
  })

  it.each([undefined, null, 'text', 7, { code: 'x' }])('whatever was thrown: %j', (thrown) =>
    expect(problemOf(collect().needs, thrown).status).toBe(500),
  )
})

it('breaks the connection off when the answer had already begun', async () => {
  const { lines, needs } = collect()
  const server = createServer((_, res) => {
    res.write('half')
    sendProblem(needs, res, new Error('late'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const body = fetch(`http://127.0.0.1:${port}/`).then((res) => res.text())
  await expect(body).rejects.toThrow()
  expect(lines).toHaveLength(1)
  await new Promise((done) => server.close(done))
})

it('references are eight letters of Crockford’s base 32, and rarely the same', () => {
  const newReference = referenceMaker((size) => crypto.getRandomValues(new Uint8Array(size)))
  const made = Array.from({ length: 5000 }, newReference)
  for (const reference of made) expect(reference).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  expect(new Set(made).size).toBe(5000)
  expect(referenceMaker((size) => new Uint8Array(size).fill(255))()).toBe('ZZZZZZZZ')
})
