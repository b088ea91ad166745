import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** One change as it stands in `entry[].changes[]`. */
export type MetaChange = { readonly field: string; readonly value: Record<string, unknown> }

export type DeliverOptions = {
  /** How often the same bytes are sent, all at once; 1 when not given. */
  readonly copies?: number
  /** How often it is tried again until somebody answers 200; 5 when not given. */
  readonly retries?: number
  /** In place of the real signature; undefined sends none. */
  readonly signature?: string | undefined
}

/** JSON as Meta writes it: only ASCII, and with slashes escaped. */
export function metaJson(value: unknown): Buffer {
  const text = JSON.stringify(value)
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('/', '\\/')
  return Buffer.from(text, 'latin1')
}

/** The value of `X-Hub-Signature-256` for these bytes. */
export function metaSignature(body: Uint8Array, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`
}

/** A webhook around changes; each in an entry of its own where `isSpread`, as Meta does with those that it batches. */
export function metaEnvelope(changes: readonly MetaChange[], isSpread = false): object {
  const entry = (some: readonly MetaChange[]) => ({ id: '102290129340398', changes: some })
  return {
    object: 'whatsapp_business_account',
    entry: isSpread ? changes.map((change) => entry([change])) : [entry(changes)],
  }
}

/** Posts a body as Meta does, again until it is answered 200. Answers the last status of each copy. */
export async function postMetaWebhook(
  url: string,
  body: Uint8Array,
  appSecret: string,
  options: DeliverOptions = {},
): Promise<number[]> {
  const { copies = 1, retries = 5 } = options
  const signature = 'signature' in options ? options.signature : metaSignature(body, appSecret)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'facebookexternalua',
    ...(signature !== undefined && { 'x-hub-signature-256': signature }),
  }
  const deliver = async (): Promise<number> => {
    let status = 0
    for (let attempt = 0; attempt <= retries && status !== 200; attempt++) {
      if (attempt > 0) await sleep(20 * 2 ** attempt)
      status = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) }).then(
        async (answer) => {
          await answer.arrayBuffer()
          return answer.status
        },
        () => 0,
      )
    }
    return status
  }
  return Promise.all(Array.from({ length: copies }, deliver))
}
