import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Call, call } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { rawRequest, sendRaw, statusesOf } from '../support/raw-http.ts'
import { rowCounts } from '../support/sign-in.ts'

const phone = '+5511961234567'
const form = 'application/x-www-form-urlencoded'

let portero: PorteroInProcess
let before: Record<string, number>
beforeAll(async () => {
  portero = await openPorteroInProcess()
  before = await rowCounts(portero.database)
})
afterAll(() => portero.close())

function expectRefusal(answer: Answer, statuses: readonly number[]): void {
  expect(statuses).toContain(answer.status)
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
  expect(answer.json).toMatchObject({ status: answer.status, code: expect.any(String) })
}

const notTexts: unknown[] = [null, 1, true, {}, [], [phone], { toString: 1 }, '']

const badPhones = [
  ...[' ', '+', '+0', '+0511961234567', '+55', '+551', '119612', '+5511961234567;ext=5', '+5511961234567x5'],
  ...[
    '+5511961234567,,1',
    'tel:+5511961234567',
    '+55119612345678901234',
    `${phone}\u0000`,
    `+55\u000011961234567`,
  ],
  ...[
    `${phone}\r\nX: y`,
    '%2B5511961234567',
    '%252B5511961234567',
    "' or 1=1 --",
    '<script>',
    '+5511961234567 '.repeat(9),
  ],
  ...['9'.repeat(100), '９'.repeat(60), '\ud800', '+\u202e55'],
]

const forbiddenNumbers = [
  ...['+881612345678', '+8821012345678', '+979123456789', '+19005551234', '+14155552671', '+79161234567'],
  ...['+5508001234567', '+5503001234567'],
]

const bodies: [string, Call][] = [
  ['nothing at all', { body: '' }],
  ['nothing that says it is JSON', { body: '', headers: { 'content-type': 'application/json' } }],
  ['half of a JSON text', { body: '{"phone":', headers: { 'content-type': 'application/json' } }],
  ['JSON that is no object', { json: [phone] }],
  ['JSON null', { json: null }],
  ['a JSON text', { json: phone }],
  ['an empty object', { json: {} }],
  [
    'JSON with a prototype',
    { body: `{"__proto__":{"phone":"${phone}"}}`, headers: { 'content-type': 'application/json' } },
  ],
  [
    'JSON with a constructor',
    {
      body: `{"constructor":{"prototype":{"phone":"${phone}"}}}`,
      headers: { 'content-type': 'application/json' },
    },
  ],
  [
    'JSON as plain text',
    { body: JSON.stringify({ phone, code: '123456' }), headers: { 'content-type': 'text/plain' } },
  ],
  ['JSON without a type', { body: Buffer.from(JSON.stringify({ phone, code: '123456' })) }],
  ['two types', { body: `phone=${phone}`, headers: { 'content-type': `${form}, application/json` } }],
  ['an unknown type', { body: `<phone>${phone}</phone>`, headers: { 'content-type': 'application/xml' } }],
  ['a type that is none', { body: 'x', headers: { 'content-type': ';;;' } }],
  [
    'a multipart form',
    { body: '--x\r\n\r\n--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  ],
  [
    'a compressed body',
    {
      body: gzipSync(JSON.stringify({ phone, code: '1' })),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    },
  ],
  [
    'bytes that are no UTF-8',
    { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), headers: { 'content-type': 'application/json' } },
  ],
  [
    'JSON in UTF-16',
    {
      body: Buffer.from(JSON.stringify({ phone }), 'utf16le'),
      headers: { 'content-type': 'application/json; charset=utf-16' },
    },
  ],
  [
    'JSON of great depth',
    { body: `${'['.repeat(8000)}${']'.repeat(8000)}`, headers: { 'content-type': 'application/json' } },
  ],
  [
    'a form with the number twice',
    { body: 'phone=%2B5511961234567&phone=%2B5511961234568&code=1', headers: { 'content-type': form } },
  ],
  ['a form with a list', { body: 'phone[]=%2B5511961234567&code[]=1', headers: { 'content-type': form } }],
  [
    'a form that is encoded twice',
    { body: 'phone=%252B5511961234567&code=%2531', headers: { 'content-type': form } },
  ],
  ['a form with broken encoding', { body: 'phone=%ZZ&code=%', headers: { 'content-type': form } }],
  ['a form with a thousand fields', { body: 'a=1&'.repeat(1000), headers: { 'content-type': form } }],
]

const posts = ['/otp/request', '/otp/verify', '/_portero/api/token/refresh']

describe('whatever is no request', () => {
  for (const path of posts) {
    it(`is refused at once by POST ${path}`, async () => {
      for (const [what, options] of bodies) {
        const answer = await call(`${portero.url}${path}`, { method: 'POST', ...options })
        expect(answer.status, `${what}: ${answer.text}`).toSatisfy((status: number) =>
          [400, 413].includes(status),
        )
        expectRefusal(answer, [400, 413])
      }
    })
  }

  it('is refused when a field is of another type', async () => {
    for (const value of notTexts) {
      for (const json of [{ phone: value }, { phone, channel: value }, { phone, locale: value }]) {
        if (value === null) continue
        expectRefusal(await call(`${portero.url}/otp/request`, { json }), [400])
      }
      expectRefusal(await call(`${portero.url}/otp/verify`, { json: { phone, code: value } }), [400])
      expectRefusal(
        await call(`${portero.url}/otp/verify`, { json: { phone, code: '123456', challenge_id: value } }),
        [400],
      )
      expectRefusal(
        await call(`${portero.url}/otp/verify`, { json: { phone: value, code: '123456' } }),
        [400],
      )
      expectRefusal(
        await call(`${portero.url}/_portero/api/token/refresh`, { json: { refresh_token: value } }),
        [400],
      )
    }
    expectRefusal(await call(`${portero.url}/otp/request`, { json: { phone, channel: 'fax' } }), [400])
    for (const challenge_id of ['\0', '\0'.repeat(22), 'a b', 'ñ'.repeat(22), 'x'.repeat(65)]) {
      const json = { phone, code: '123456', challenge_id }
      expectRefusal(await call(`${portero.url}/otp/verify`, { json }), [400])
      expectRefusal(await call(`${portero.url}/otp/request`, { json }), [400])
    }
  })

  it('is refused when the number is none, or not one that may receive a code', async () => {
    for (const text of badPhones) {
      for (const options of [
        { json: { phone: text, code: '123456' } },
        { form: { phone: text, code: '123456' } },
      ]) {
        // What a form does to a lone surrogate, and a decoder to what was encoded once, may be another bad number.
        expectRefusal(await call(`${portero.url}/otp/request`, options), [400])
        expectRefusal(await call(`${portero.url}/otp/verify`, options), [400])
      }
    }
    for (const text of forbiddenNumbers) {
      expectRefusal(await call(`${portero.url}/otp/request`, { json: { phone: text } }), [400])
    }
  })

  it('is refused when it is too large, however it is sent', async () => {
    const json = JSON.stringify({ phone, code: '1', x: 'x'.repeat(16_400) })
    const chunks = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`
    for (const path of posts) {
      expectRefusal(
        await call(`${portero.url}${path}`, { body: json, headers: { 'content-type': 'application/json' } }),
        [413],
      )
      const chunked = await sendRaw(portero.port, [
        rawRequest(`POST ${path}`, [
          'Host: localhost',
          'Content-Type: application/json',
          'Transfer-Encoding: chunked',
        ]),
        chunks,
      ])
      expect(statusesOf(chunked)).toEqual([413])
      const huge = await sendRaw(portero.port, [
        rawRequest(`POST ${path}`, [
          'Host: localhost',
          'Content-Type: application/json',
          'Content-Length: 10000000000',
        ]),
        'x'.repeat(1000),
      ])
      expect(statusesOf(huge)).toEqual([413])
    }
  })

  it('is refused where HTTP itself can be read in two ways', async () => {
    const body = JSON.stringify({ phone })
    const type = 'Content-Type: application/json'
    const length = `Content-Length: ${body.length}`
    const heads: [string, string[]][] = [
      ['POST /otp/request', ['Host: a', 'Host: b', type, length]],
      ['POST /otp/request', [type, length]],
      ['POST http://evil.example/otp/request', ['Host: localhost', type, length]],
      ['POST /otp/request', ['Host: localhost', type, length, 'Transfer-Encoding: chunked']],
      ['POST /otp/request', ['Host: localhost', type, length, 'Content-Length: 5']],
      ['POST /otp/request', ['Host: localhost', type, 'Content-Length: +9']],
      ['POST /otp/request', ['Host: localhost', type, 'Transfer-Encoding: xchunked']],
      ['POST /./otp/request', ['Host: localhost', type, length]],
      ['POST /x/../otp/request', ['Host: localhost', type, length]],
      ['POST /otp%2frequest', ['Host: localhost', type, length]],
      ['POST //otp/request', ['Host: localhost', type, length]],
      ['POST /%6ftp/request', ['Host: localhost', type, length]],
      ['POST /_PORTERO/api/signout', ['Host: localhost', type, length]],
      ['POST /otp/request#x', ['Host: localhost', type, length]],
      ['POST \\otp\\request', ['Host: localhost', type, length]],
      ['CONNECT /otp/request', ['Host: localhost']],
      ['TRACE /otp/request', ['Host: localhost']],
      ['POST /otp/request', ['Host: localhost', `X-Long: ${'x'.repeat(17_000)}`, type, length]],
      ['GET /_portero/api/me', ['Host: localhost', `Cookie: ${'a=b; '.repeat(4000)}`]],
    ]
    for (const [line, headers] of heads) {
      const answer = await sendRaw(portero.port, rawRequest(line, headers, body))
      const [status] = statusesOf(answer)
      expect(status, `${line} ${headers[0]}: ${answer.text}`).toBeGreaterThanOrEqual(400)
      expect(status, `${line}: ${answer.text}`).toBeLessThan(500)
      expect(answer.text.toLowerCase()).toContain('application/problem+json')
    }
  })

  it('is refused with 405 and what would be taken, when only the method is wrong', async () => {
    const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'PROPFIND']
    const taken: Record<string, string[]> = {
      '/otp/request': ['POST'],
      '/otp/verify': ['POST'],
      '/_portero/api/token/refresh': ['POST'],
      '/_portero/api/signout': ['POST'],
      '/_portero/api/me': ['GET', 'HEAD'],
      '/_portero/api/me/sessions': ['GET', 'HEAD'],
      '/_portero/api/me/sessions/00000000-0000-4000-8000-000000000000': ['DELETE'],
      '/_portero/jwks.json': ['GET', 'HEAD'],
      '/_portero/health': ['GET', 'HEAD'],
      '/_portero/ready': ['GET', 'HEAD'],
    }
    for (const [path, allowed] of Object.entries(taken)) {
      for (const method of methods.filter((name) => !allowed.includes(name))) {
        const answer = await call(`${portero.url}${path}`, { method })
        expect(answer.status, `${method} ${path}`).toBe(405)
        for (const name of allowed) expect(answer.headers.allow).toContain(name)
      }
    }
    expectRefusal(await call(`${portero.url}/_portero/api/nothing`), [404])
    expectRefusal(await call(`${portero.url}/otp/other`, { json: {} }), [404])
    expectRefusal(await call(`${portero.url}/_portero/api/me/sessions/1`, { method: 'DELETE' }), [400, 401])
  })

  it('has left nothing behind: no row, no message, no error in the log', async () => {
    expect(await rowCounts(portero.database)).toEqual(before)
    expect(portero.logged.filter(({ text }) => /bug|delivery/.test(text))).toEqual([])
    expect((await call(`${portero.url}/_portero/ready`)).status).toBe(200)
  })
})
