import { consoleDelivery } from '../adapters/delivery/console.ts'
import type { ProviderName } from '../adapters/delivery/delivery-config.ts'
import type { Config } from '../config/config.ts'
import { deliveryOrder } from '../config/delivery-providers.ts'
import type { DeliveryProvider } from '../domain/messaging/delivery-provider.ts'

/** One line for each provider: how it is opened. */
const open: Record<ProviderName, (config: Config) => DeliveryProvider> = {
  console: () => consoleDelivery((text) => process.stdout.write(`${text}\n`)),
}

/** The configured providers, in the order in which they are tried. */
export function deliveryProviders(config: Config): DeliveryProvider[] {
  return deliveryOrder(config).map((name) => open[name](config))
}
