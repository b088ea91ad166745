import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with the next send. */
export type TwilioFault =
  | { readonly code: number; readonly status?: number; readonly retryAfterSeconds?: number }
  /** Nothing. */
  | 'none'
  /** Takes the message and never answers. */
  | 'hangs'
  /** Takes the message and breaks the connection. */
  | 'breaks'
  /** An answer that no API gives. */
  | 'garbage'

export type TwilioApi = Awaited<ReturnType<typeof openTwilioApi>>

const windowMs = 24 * 3600_000

/** The value of `X-Twilio-Signature`, written from Twilio's description of it. */
export function signatureOfTwilio(url: string, form: URLSearchParams, authToken: string): string {
  let text = url
  for (const name of [...new Set(form.keys())].sort())
    for (const value of [...new Set(form.getAll(name))].sort()) text += name + value
  return createHmac('sha1', authToken).update(Buffer.from(text, 'utf8')).digest('base64')
}

/**
 * A stand-in for Twilio's Messages API with phones that have WhatsApp: it takes messages by its rules (credentials, sender,
 * length, the 24-hour window), and brings signed webhooks with parameters that nobody has heard of.
 */
export async function openTwilioApi() {
  const own = {
    accountSid: `AC${randomBytes(16).toString('hex')}`,
    authToken: randomBytes(16).toString('hex'),
    from: '+14155238886',
  }
  const shown = new Map<string, { readonly id: string; readonly text: string }[]>()
  const lastWrote = new Map<string, number>()
  const faults: TwilioFault[] = []
  const attempts: { readonly authorization: string | undefined; readonly form: URLSearchParams }[] = []
  /** Where webhooks go, and the address that Twilio was told, which is the one it signs. */
  let webhook: { readonly url: string; readonly signedUrl: string } | undefined

  const newId = () => `SM${randomBytes(16).toString('hex')}`
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    answer(req, res, new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function answer(req: IncomingMessage, res: ServerResponse, form: URLSearchParams): unknown {
    const refuse = (status: number, code: number, headers = {}) =>
      respond(
        res,
        status,
        { code, message: 'Told so', more_info: `https://www.twilio.com/docs/errors/${code}`, status },
        headers,
      )
    attempts.push({ authorization: req.headers.authorization, form })
    const basic = Buffer.from(`${own.accountSid}:${own.authToken}`).toString('base64')
    if (req.headers.authorization !== `Basic ${basic}`) return refuse(401, 20003)
    if (req.url !== `/2010-04-01/Accounts/${own.accountSid}/Messages.json`) return refuse(404, 20404)

    const fault = faults.shift()
    if (typeof fault === 'object') {
      const wait = fault.retryAfterSeconds
      return refuse(fault.status ?? 400, fault.code, wait ? { 'retry-after': String(wait) } : {})
    }
    const body = form.get('Body') ?? ''
    if (form.get('From') !== `whatsapp:${own.from}`) return refuse(400, 21212)
    const to = /^whatsapp:(\+\d{6,15}|[A-Z]{2}\.[A-Za-z0-9.]+)$/.exec(form.get('To') ?? '')?.[1]
    if (to === undefined) return refuse(400, 21211)
    if (body.trim() === '') return refuse(400, 21602)
    if (body.length > 1600) return refuse(400, 21617)
    if (Date.now() - (lastWrote.get(to) ?? 0) > windowMs) return refuse(400, 63016)

    const id = newId()
    shown.set(to, [...(shown.get(to) ?? []), { id, text: body }])
    if (fault === 'hangs') return
    if (fault === 'breaks') return void res.destroy()
    if (fault === 'garbage') return void res.writeHead(201).end('<html>')
    respond(res, 201, { sid: id, status: 'queued', error_code: null, error_message: null })
  }

  /** Posts a signed form. `signature` takes the place of the real one. */
  async function deliver(fields: Record<string, string>, options: { signature?: string } = {}) {
    if (webhook === undefined) throw new Error('nobody has subscribed')
    const form = new URLSearchParams({ ApiVersion: '2010-04-01', AccountSid: own.accountSid, ...fields })
    const signature = options.signature ?? signatureOfTwilio(webhook.signedUrl, form, own.authToken)
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': signature,
      'i-twilio-idempotency-token': randomBytes(8).toString('hex'),
    }
    const answered = await fetch(webhook.url, { method: 'POST', headers, body: form.toString() })
    return { status: answered.status, body: await answered.text() }
  }

  /** A phone with WhatsApp; `address` is its number with the plus, or a user id where the number is hidden. */
  function phone(address: string, { name = 'Ana' } = {}) {
    async function send(fields: Record<string, string>) {
      lastWrote.set(address, Date.now())
      const id = newId()
      const answered = await deliver({
        ...{ MessageSid: id, SmsSid: id, SmsMessageSid: id, SmsStatus: 'received', NumMedia: '0' },
        ...{ From: `whatsapp:${address}`, To: `whatsapp:${own.from}`, ProfileName: name, NumSegments: '1' },
        ...(address.startsWith('+') ? { WaId: address.slice(1) } : { ExternalUserId: address }),
        ...{ ChannelMetadata: '{"type":"whatsapp"}', NobodyKnowsThis: ' yet ' },
        ...fields,
      })
      return { id, ...answered }
    }
    return {
      send,
      writes: (text: string) => send({ Body: text }),
      presses: (payload: string, title: string) =>
        send({ Body: title, ButtonText: title, ButtonPayload: payload }),
      /** What the phone shows of the business, in order. */
      shows: () => shown.get(address) ?? [],
    }
  }

  return {
    ...own,
    ...{ url, phone, deliver, newId, faults, attempts },
    /** Webhooks go to `to` from now on, signed for `signedUrl`: the address as Twilio was given it. */
    subscribe(to: string, signedUrl = to): void {
      webhook = { url: to, signedUrl }
    },
    /** Reports what became of a message. */
    reports: (messageId: string, state: string, to: string, errorCode?: number) =>
      deliver({
        ...{ MessageSid: messageId, SmsSid: messageId, MessageStatus: state, SmsStatus: state },
        ...{ From: `whatsapp:${own.from}`, To: `whatsapp:${to}` },
        ...(errorCode !== undefined && { ErrorCode: String(errorCode) }),
      }),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function respond(res: ServerResponse, status: number, body: object, headers = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
