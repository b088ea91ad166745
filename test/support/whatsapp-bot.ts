import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { randomSecret, secretHash } from '../../src/lib/random-secret.ts'
import { call } from './call.ts'
import { testDatabase } from './database.ts'
import { openGraphApi } from './graph-api.ts'
import { openPortero, productionEnv } from './portero-process.ts'
import { openTwilioApi } from './twilio-api.ts'
import { until } from './until.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Says something as one phone, and resolves with all that the bot answered to it. */
export type Say = (text: string) => Promise<string>

/**
 * A real Portero, no demo, in a process of its own, with accounts at stand-ins of Meta and Twilio that bring it what phones
 * write; and beside them the channels for programs and for the terminal.
 */
export async function openWhatsappBot(env: Record<string, string> = {}) {
  const database = await testDatabase()
  const graph = await openGraphApi()
  const twilio = await openTwilioApi()
  const portero = await openPortero(
    productionEnv(database.url, {
      PORTERO_WHATSAPP__PHONE_NUMBER_ID: graph.phoneNumberId,
      PORTERO_WHATSAPP__ACCESS_TOKEN: graph.accessToken,
      PORTERO_WHATSAPP__APP_SECRET: graph.appSecret,
      PORTERO_WHATSAPP__VERIFY_TOKEN: graph.verifyToken,
      PORTERO_WHATSAPP__BASE_URL: graph.url,
      PORTERO_TWILIO__ACCOUNT_SID: twilio.accountSid,
      PORTERO_TWILIO__AUTH_TOKEN: twilio.authToken,
      PORTERO_TWILIO__FROM: twilio.from,
      PORTERO_TWILIO__BASE_URL: twilio.url,
      ...env,
    }),
  )
  const path = '/_portero/webhooks/twilio'
  twilio.subscribe(`${portero.url}${path}`, `http://localhost:8081${path}`)
  if (!(await graph.subscribe(`${portero.url}/_portero/webhooks/whatsapp`)))
    throw new Error('the webhook was not accepted')

  // As an operator does: the string goes from one program to the other.
  const connect = async () => {
    const client = new pg.Client({ connectionString: (await portero.run('db', 'url')).stdout.trim() })
    await client.connect()
    return client
  }
  let connected: Promise<pg.Client> | undefined
  const key = `portero_key_${randomSecret()}${randomSecret()}`
  await database.query(
    `insert into portero.api_keys (name, secret_hash, scopes) values ('bridge', $1, '{chat,chat:prove}')`,
    [secretHash(key)],
  )

  return {
    ...{ database, graph, twilio, portero },
    /** SQL as the operator has it in psql. */
    async sql(text: string) {
      connected ??= connect()
      return (await (await connected).query(text)).rows
    },
    whatsapp(phone: string): Say {
      const ana = graph.phone(phone.slice(1))
      return async (text) => {
        const before = ana.shows().length
        await ana.writes(text)
        await until(() => ana.shows().length > before)
        return ana.shows().slice(before).map(textOf).join('\n')
      }
    },
    twilioChat(phone: string): Say {
      const ana = twilio.phone(phone)
      return async (text) => {
        const before = ana.shows().length
        await ana.writes(text)
        await until(() => ana.shows().length > before)
        return ana.shows().slice(before).map(textOf).join('\n')
      }
    },
    http(phone: string): Say {
      return async (text) => {
        const { json } = await call(`${portero.url}/_portero/bot/messages`, {
          json: { from: phone, text },
          headers: { authorization: `Bearer ${key}` },
        })
        return json.replies.map(textOf).join('\n')
      }
    },
    /** Each message in a conversation of its own, as somebody who closes the terminal in between. */
    terminal(phone: string): Say {
      return async (text) => {
        const child = spawn(process.execPath, [main, 'chat', '--from', phone], {
          cwd: '/',
          env: { PATH: process.env.PATH, HOME: process.env.HOME, ...portero.env },
        })
        let said = ''
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk
        })
        child.stdin.end(`${text}\n`)
        await once(child, 'close')
        const [, ...lines] = said.trimEnd().split('\n')
        return lines.map((line) => line.replace(/^ {2}/, '')).join('\n')
      }
    },
    async close() {
      await (await connected)?.end()
      await portero.dispose()
      await graph.close()
      await twilio.close()
      await database.close()
    },
  }
}

export type WhatsappBot = Awaited<ReturnType<typeof openWhatsappBot>>

function textOf({ text }: { readonly text: string }): string {
  return text
}
