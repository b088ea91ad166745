import type { ProviderName } from '../adapters/delivery/delivery-config.ts'
import type { GivenConfig } from './config.ts'

/** What the configuration knows about one provider. */
export type KnownProvider<Name extends string = ProviderName> = {
  readonly name: Name
  /** The key that turns it on, for what is said about it. */
  readonly key: string
  /** Whether its messages reach people's phones, and cost something. */
  readonly isReal: boolean
  isConfigured(config: Pick<GivenConfig, 'delivery'>): boolean
}

/** One line for each provider, in the order in which they are tried when nobody says otherwise. */
export const knownProviders: readonly KnownProvider[] = [
  {
    name: 'console',
    key: 'delivery.console',
    isReal: false,
    isConfigured: ({ delivery }) => delivery.console,
  },
]

/** The providers that are configured, in the order in which they are to be tried. */
export function deliveryOrder(config: Pick<GivenConfig, 'delivery'>): ProviderName[] {
  const configured = knownProviders
    .filter((provider) => provider.isConfigured(config))
    .map(({ name }) => name)
  return [...new Set([...config.delivery.order.filter((name) => configured.includes(name)), ...configured])]
}
