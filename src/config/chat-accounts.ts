import { isLoopbackHost } from '../lib/web-url.ts'
import type { GivenConfig } from './config.ts'

type Accounts = Pick<GivenConfig, 'whatsapp' | 'twilio'>

/** The keys of the accounts by which real people write to the bot; a stand-in on this machine is none. */
export function realChatAccounts({
  whatsapp,
  twilio,
}: Accounts): ('whatsapp.phone_number_id' | 'twilio.account_sid')[] {
  return [
    ...(whatsapp.phone_number_id !== undefined && isElsewhere(whatsapp.base_url)
      ? (['whatsapp.phone_number_id'] as const)
      : []),
    ...(twilio.account_sid !== undefined && isElsewhere(twilio.base_url)
      ? (['twilio.account_sid'] as const)
      : []),
  ]
}

/** Whether people can sign in by a message that they send, so that nothing has to reach them. */
export function hasInboundWay({ whatsapp, twilio }: Accounts): boolean {
  return (
    (whatsapp.number !== undefined && whatsapp.phone_number_id !== undefined) || twilio.from !== undefined
  )
}

function isElsewhere(url: string): boolean {
  return !isLoopbackHost(new URL(url).hostname)
}
