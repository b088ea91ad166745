import { randomBytes, randomInt } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refusalOf } from './graph-rules.ts'
import {
  type DeliverOptions,
  type MetaChange,
  metaEnvelope,
  metaJson,
  postMetaWebhook,
} from './meta-webhooks.ts'

/** A message of the business as a phone shows it. */
export type ShownMessage = {
  readonly id: string
  readonly text: string
  readonly buttons: readonly { readonly id: string; readonly title: string }[]
  readonly isContactRequest: boolean
  /** `biz_opaque_callback_data`, which statuses bring back. */
  readonly ref: string | undefined
}

/** What goes wrong with the next send. */
export type GraphFault =
  | { readonly code: number; readonly status?: number; readonly retryAfterSeconds?: number }
  /** Takes the message, and answers only after so long. */
  | { readonly afterMs: number }
  /** Nothing. */
  | 'none'
  /** Takes the message and never answers. */
  | 'hangs'
  /** Takes the message and breaks the connection. */
  | 'breaks'
  /** An answer that no API gives. */
  | 'garbage'

type PhoneOptions = {
  readonly name?: string
  readonly userId?: string
  /** Whether WhatsApp leaves the number out of webhooks. */
  readonly isHidden?: boolean
  readonly identityHash?: string
}

export type GraphApi = Awaited<ReturnType<typeof openGraphApi>>

const windowMs = 24 * 3600_000

/**
 * A stand-in for the Cloud API of WhatsApp, with phones in it: it takes messages by Meta's rules (token, shape, limits, the
 * 24-hour window), and brings webhooks as Meta does: signed over escaped bytes, batched, repeated, in disorder, again until
 * they are answered 200.
 */
export async function openGraphApi() {
  const own = {
    phoneNumberId: '106540352242922',
    displayNumber: '5511400000000',
    accessToken: `EAAG${randomBytes(12).toString('hex')}`,
    appSecret: randomBytes(16).toString('hex'),
    verifyToken: randomBytes(12).toString('hex'),
  }
  const shown = new Map<string, ShownMessage[]>()
  const lastWrote = new Map<string, number>()
  const faults: GraphFault[] = []
  const attempts: { readonly authorization: string | undefined; readonly body: unknown }[] = []
  const weather: { next: () => GraphFault } = { next: () => 'none' }
  let webhookUrl: string | undefined
  let sequence = 0

  const newId = () => `wamid.${Buffer.from(`stand-in:${sequence++}:${randomInt(1e9)}`).toString('base64')}`

  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    answer(req, res, Buffer.concat(chunks).toString('utf8'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function answer(req: IncomingMessage, res: ServerResponse, text: string): unknown {
    const body = jsonOf(text)
    const refuse = (status: number, code: number, message: string, headers = {}) =>
      respond(res, status, { error: { message, type: 'OAuthException', code, fbtrace_id: 'A1' } }, headers)
    attempts.push({ authorization: req.headers.authorization, body })
    if (req.headers.authorization !== `Bearer ${own.accessToken}`) return refuse(401, 190, 'Invalid token')
    if (!new RegExp(`^/v\\d+\\.\\d+/${own.phoneNumberId}/messages$`).test(req.url!))
      return refuse(400, 100, 'Unknown path')
    if (body?.status === 'read') return respond(res, 200, { success: true })

    const fault = faults.shift() ?? weather.next()
    if (typeof fault === 'object' && 'code' in fault) {
      const wait = fault.retryAfterSeconds
      return refuse(fault.status ?? 400, fault.code, 'Told so', wait ? { 'retry-after': String(wait) } : {})
    }
    const refusal = refusalOf(body)
    if (refusal !== undefined) return refuse(400, refusal.code, refusal.message)
    const to: string = body.to?.replace(/\D/g, '') ?? body.recipient
    if (Date.now() - (lastWrote.get(to) ?? 0) > windowMs)
      return refuse(400, 131047, '(#131047) Re-engagement message')

    const id = newId()
    shown.set(to, [...(shown.get(to) ?? []), shownOf(id, body)])
    if (fault === 'hangs') return
    if (fault === 'breaks') return void res.destroy()
    if (fault === 'garbage') return void res.writeHead(200).end('<html>')
    const contact = body.to === undefined ? { user_id: to } : { wa_id: to }
    const accepted = {
      messaging_product: 'whatsapp',
      contacts: [{ input: to, ...contact }],
      messages: [{ id }],
    }
    if (fault === 'none') return respond(res, 200, accepted)
    setTimeout(() => respond(res, 200, accepted), fault.afterMs)
  }

  const changeOf = (value: Record<string, unknown>, field = 'messages'): MetaChange => ({
    field,
    value: {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: own.displayNumber, phone_number_id: own.phoneNumberId },
      ...value,
    },
  })

  /** Brings changes to whoever subscribed, in one webhook. Answers the statuses of its copies. */
  function deliver(changes: readonly MetaChange[], options?: DeliverOptions): Promise<number[]> {
    if (webhookUrl === undefined) throw new Error('nobody has subscribed')
    const body = metaJson(metaEnvelope(changes, changes.length > 1))
    return postMetaWebhook(webhookUrl, body, own.appSecret, options)
  }

  /** A phone with WhatsApp. `waId` is its id there, in the spelling of the time when it registered. */
  function phone(waId: string, options: PhoneOptions = {}) {
    const { name = 'Ana', isHidden = false, identityHash } = options
    const userId = options.userId ?? `AR.${waId}0000`
    const address = isHidden ? userId : waId
    const sender = {
      profile: { name },
      user_id: userId,
      ...(!isHidden && { wa_id: waId }),
      ...(identityHash !== undefined && { identity_key_hash: identityHash }),
    }
    const from = { from_user_id: userId, ...(!isHidden && { from: waId }) }

    /** A message of any type as a change, not yet delivered. */
    function message(type: string, content: Record<string, unknown>, at = Date.now()) {
      lastWrote.set(address, Math.max(at, lastWrote.get(address) ?? 0))
      const id = newId()
      const written = { ...from, id, timestamp: String(Math.floor(at / 1000)), type, ...content }
      return { id, change: changeOf({ contacts: [sender], messages: [written] }) }
    }
    async function send(type: string, content: Record<string, unknown>, deliverOptions?: DeliverOptions) {
      const { id, change } = message(type, content)
      return { id, statuses: await deliver([change], deliverOptions) }
    }
    const card = (phones: readonly string[]) => [
      { name: { formatted_name: name }, phones: phones.map((wa_id) => ({ phone: `+${wa_id}`, wa_id })) },
    ]

    return {
      ...{ waId, userId, address, message, send },
      writes: (text: string, deliverOptions?: DeliverOptions) =>
        send('text', { text: { body: text } }, deliverOptions),
      presses: (button: { readonly id: string; readonly title: string }, context?: string) =>
        send('interactive', {
          interactive: { type: 'button_reply', button_reply: button },
          ...(context !== undefined && { context: { from: own.displayNumber, id: context } }),
        }),
      /** Presses the button under a request for the contact. */
      sharesContact: (requestId: string) =>
        send('contacts', {
          ...{ origin: 'contact_request', contacts: card([waId]) },
          context: { from: own.displayNumber, id: requestId },
        }),
      /** Forwards a card of anybody, which proves nothing. */
      forwardsCard: (ofWaId: string, requestId?: string) =>
        send('contacts', {
          ...{ origin: 'other', contacts: card([ofWaId]) },
          ...(requestId !== undefined && { context: { from: own.displayNumber, id: requestId } }),
        }),
      /** What the phone shows of the business, in order. */
      shows: (): readonly ShownMessage[] => shown.get(address) ?? [],
    }
  }

  return {
    ...own,
    ...{ url, phone, deliver, changeOf, newId },
    /** Every request that came, well or badly made. */
    attempts,
    /** What goes wrong with the next sends, one each. */
    faults,
    /** What goes wrong with all others; nothing, unless a test says otherwise. */
    weather,
    /** Sets the webhook up: asks with the verify token whether it is wanted. False when it is not. */
    async subscribe(to: string, verifyToken = own.verifyToken): Promise<boolean> {
      const challenge = String(randomInt(1e9))
      const query = { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken, 'hub.challenge': challenge }
      const asked = await fetch(`${to}?${new URLSearchParams(query)}`)
      const isWanted = asked.status === 200 && (await asked.text()) === challenge
      if (isWanted) webhookUrl = to
      return isWanted
    },
    /** A status of a message as a change; `code` is why it failed. */
    status(
      messageId: string,
      state: string,
      { code, ref }: { code?: number; ref?: string } = {},
    ): MetaChange {
      const timestamp = String(Math.floor(Date.now() / 1000))
      return changeOf({
        statuses: [
          {
            ...{ id: messageId, status: state, timestamp, recipient_id: '5491123456789' },
            ...(code !== undefined && { errors: [{ code, title: 'Message undeliverable' }] }),
            ...(ref !== undefined && { biz_opaque_callback_data: ref }),
            pricing: { billable: true, pricing_model: 'PMP', category: 'service' },
          },
        ],
      })
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a body that has passed the rules
function shownOf(id: string, body: any): ShownMessage {
  const { interactive, text, biz_opaque_callback_data: ref } = body
  return {
    ...{ id, ref },
    text: text?.body ?? interactive.body.text,
    // biome-ignore lint/suspicious/noExplicitAny: the same
    buttons: (interactive?.action?.buttons ?? []).map((button: any) => button.reply),
    isContactRequest: interactive?.type === 'request_contact_info',
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a body from outside
function jsonOf(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function respond(res: ServerResponse, status: number, body: object, headers = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
