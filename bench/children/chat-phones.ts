/** A stand-in for WhatsApp: phones that write to Portero by webhook, and the Graph API that takes its replies. Notes how long both take, in ms. */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { metaEnvelope, metaJson, metaSignature } from '../../test/support/meta-webhooks.ts'
import type { ChatLoad, ChatLoadResult } from '../bot.ts'

const now = (): number => performance.timeOrigin + performance.now()

/** By the digits of the phone: when it wrote, until somebody answers. */
const writtenAt = new Map<string, number>()
let replyMs: number[] = []
let answersAfterMs = 0
let sent = 0

const graph = createServer(async (req, res) => {
  const at = now()
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  const { to } = JSON.parse(Buffer.concat(chunks).toString())
  const since = writtenAt.get(to)
  if (since !== undefined) replyMs.push(at - since)
  writtenAt.delete(to)
  await sleep(answersAfterMs)
  res.writeHead(200, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ messages: [{ id: `wamid.reply.${sent++}` }] }))
})
graph.keepAliveTimeout = 60_000
graph.listen(0, '127.0.0.1', () => process.send!({ port: (graph.address() as AddressInfo).port }))
process.on('message', async (load: ChatLoad) => process.send!(await write(load)))
process.on('disconnect', () => process.exit())

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Writes at a steady pace, whether it is answered or not: who is slow is not waited for. */
async function write(load: ChatLoad): Promise<ChatLoadResult> {
  replyMs = []
  writtenAt.clear()
  answersAfterMs = load.answersAfterMs
  const ackMs: number[] = []
  let refused = 0
  const asked: Promise<void>[] = []
  const startedAt = now()
  const count = Math.round(load.perSecond * load.seconds)
  for (let i = 0; i < count; i++) {
    const due = startedAt + (i * 1000) / load.perSecond
    const wait = due - now()
    if (wait > 1) await sleep(wait)
    const phone = String(load.firstPhone + i)
    const body = webhookOf(load, phone, i)
    const begun = now()
    writtenAt.set(phone, begun)
    asked.push(
      post(load, body).then(
        (status) => {
          if (status !== 200) refused++
          ackMs.push(now() - begun)
        },
        () => {
          refused++
        },
      ),
    )
  }
  await Promise.all(asked)
  while (writtenAt.size > 0 && now() - startedAt < load.patienceSeconds * 1000) await sleep(5)
  return { ackMs, replyMs, refused, unanswered: writtenAt.size, tookMs: now() - startedAt }
}

function webhookOf({ phoneNumberId }: ChatLoad, phone: string, place: number): Buffer {
  const message = {
    ...{ from: phone, id: `wamid.${phone}.${place}.${now()}`, timestamp: String(Math.floor(now() / 1000)) },
    ...{ type: 'text', text: { body: 'Hola' } },
  }
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '5511400000000', phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: 'Ana' }, wa_id: phone }],
    messages: [message],
  }
  return metaJson(metaEnvelope([{ field: 'messages', value }]))
}

function post({ port, appSecret }: ChatLoad, body: Buffer): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-hub-signature-256': metaSignature(body, appSecret),
  }
  const path = '/_portero/webhooks/whatsapp'
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent }, (res) => {
      res.resume()
      res.on('end', () => resolve(res.statusCode!))
    })
    req.on('error', reject)
    req.end(body)
  })
}
