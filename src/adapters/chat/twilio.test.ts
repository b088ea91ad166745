import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chatSenderContract, sampleReply } from '../../../test/contracts/chat-sender.contract.ts'
import { openTwilioApi, type TwilioApi } from '../../../test/support/twilio-api.ts'
import type { SendFailure } from '../../domain/chat/chat-sender.ts'
import { type Log, silentLog } from '../../domain/log.ts'
import { twilioChat } from './twilio.ts'

const codes: Partial<Record<SendFailure, number>> = {
  ...{ invalid_number: 21211, no_chat: 63024, opted_out: 21610, config: 21606, needs_template: 63016 },
  ...{ rejected: 21408, rate_limited: 20429, unavailable: 20500 },
}
const failures = Object.keys(codes) as SendFailure[]

type Around = { readonly log?: Log; readonly isAway?: () => boolean; readonly statusCallback?: string }

function senderTo(twilio: TwilioApi, { log = silentLog, isAway = () => false, statusCallback }: Around = {}) {
  return twilioChat({
    fetch: (url, init) => fetch(isAway() ? url.replace(twilio.url, 'http://127.0.0.1:2') : url, init),
    ...{ log, baseUrl: twilio.url, accountSid: twilio.accountSid, authToken: twilio.authToken },
    ...{ from: twilio.from, statusCallback },
  })
}

chatSenderContract(
  "Twilio's WhatsApp",
  async () => {
    const twilio = await openTwilioApi()
    twilio.subscribe(`${twilio.url}/nobody`)
    const ana = twilio.phone('+5491123456789')
    await ana.writes('hola')
    twilio.attempts.length = 0
    const lines: string[] = []
    const write = (facts: object, text: string) => lines.push(JSON.stringify(facts), text)
    const log: Log = { info: write, warn: write, error: write }
    const away = { next: false }
    const isAway = () => {
      const now = away.next
      away.next = false
      return now
    }
    return {
      sender: senderTo(twilio, { log, isAway }),
      ...{ address: '+5491123456789', secrets: [twilio.authToken] },
      arrived: () => ana.shows().map(({ text }) => ({ text, titles: [] })),
      attempts: () => twilio.attempts.length,
      behave(behaviour) {
        if (behaviour.kind === 'accepts') twilio.faults.push('none')
        else if (behaviour.kind === 'away') away.next = true
        else if (behaviour.kind === 'throttles')
          twilio.faults.push({ code: 20429, status: 429, retryAfterSeconds: behaviour.retryAfterSeconds })
        else if (behaviour.kind === 'fails') twilio.faults.push({ code: codes[behaviour.failure]! })
        else twilio.faults.push(behaviour.kind)
      },
      logged: () => lines.join('\n'),
      close: twilio.close,
    }
  },
  { failures, textMax: 1600, hasButtons: false },
)

describe('over Twilio', () => {
  let twilio: TwilioApi
  beforeEach(async () => {
    twilio = await openTwilioApi()
  })
  afterEach(() => twilio.close())

  test('the far side is told where to report, and hears the text as it is', async () => {
    const sender = senderTo(twilio, { statusCallback: 'https://x.example/_portero/webhooks/twilio' })
    const to = { sender, address: '+553188887777' }
    await sender.send(sampleReply(to, { text: 'Olá & até já + 100% 😀' }), AbortSignal.timeout(5000))
    expect(Object.fromEntries(twilio.attempts[0]!.form)).toEqual({
      From: `whatsapp:${twilio.from}`,
      To: 'whatsapp:+553188887777',
      Body: 'Olá & até já + 100% 😀',
      StatusCallback: 'https://x.example/_portero/webhooks/twilio',
    })
  })

  test('whoever has not written for a day cannot be answered without a template', async () => {
    const to = { sender: senderTo(twilio), address: '+5491123456789' }
    const result = await to.sender.send(sampleReply(to), AbortSignal.timeout(5000))
    expect(result).toEqual({ failed: 'needs_template' })
  })
})
