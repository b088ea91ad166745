import { realChatAccounts } from './chat-accounts.ts'
import type { GivenConfig } from './config.ts'
import { deliveryOrder } from './delivery-providers.ts'

/** Whether Portero shows its demo, and whether somebody asked for that by name. */
export type Demo = {
  readonly demo: boolean
  /** One that nobody asked for answers this machine alone. */
  readonly asked: boolean
}

/** The demo is on when `demo` says so, and when nothing says otherwise: no delivery, no chat, no database, no public address. */
export function isDemo(
  config: Pick<GivenConfig, 'demo' | 'delivery' | 'database' | 'public_url' | 'whatsapp' | 'twilio'>,
): Demo {
  const isBare =
    config.public_url === undefined &&
    config.database.url === undefined &&
    deliveryOrder(config).length === 0 &&
    realChatAccounts(config).length === 0
  return { demo: config.demo ?? isBare, asked: config.demo === true }
}
