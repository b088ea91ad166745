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

/** The number that people write to who sign in by a message of theirs, so that nothing has to reach them; undefined where there is none. */
export function inboundNumber({ whatsapp, twilio }: Accounts): string | undefined {
  return whatsapp.phone_number_id === undefined ? twilio.from : (whatsapp.number ?? twilio.from)
}

function isElsewhere(url: string): boolean {
  return !isLoopbackHost(new URL(url).hostname)
}
