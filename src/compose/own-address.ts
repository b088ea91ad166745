import type { AddressInfo } from 'node:net'

/** Where people open this Portero, as the configuration says; what a request says about itself never counts. */
export type OwnAddress = {
  /** Such as `https://in.example.org`; undefined before anybody knows. */
  origin(): string | undefined
  /** Without a public address, which only a demo does without, it is where it listens. */
  listensOn(address: Pick<AddressInfo, 'address' | 'port'>): void
}

/** Knows the address of this Portero from its configuration, and from where it listens. */
export function openOwnAddress(
  publicUrl: URL | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): OwnAddress {
  let listening = port === 0 ? undefined : originOf(host, port)
  return {
    origin: () => publicUrl?.origin ?? listening,
    listensOn: ({ address, port }) => {
      listening = originOf(address, port)
    },
  }
}

function originOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
