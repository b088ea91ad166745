import { z } from 'zod'
import { isNetwork } from '../lib/network.ts'

/** `listen.*`: where Portero listens, and whom it believes about addresses. */
export const listenConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta({
    description: 'Address to listen on. 0.0.0.0 listens on every one, which a container needs.',
    allowed: 'a host name or an IP address',
  }),
  port: z
    .int()
    .min(0)
    .max(65535)
    .default(8081)
    .meta({ description: 'Port to listen on; 0 takes a free one.' }),
  workers: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .meta({
      description:
        'How many processes share the port and the database, each with its own database.pool_size. One for each core is ' +
        'the most that helps; the demo has one.',
    }),
  trusted_proxies: z
    .array(z.string().refine(isNetwork).meta({ allowed: 'IP addresses or CIDR blocks' }))
    .default([])
    .meta({
      description: 'Proxies in front whose forwarding headers count. Those of anybody else are ignored.',
      examples: [['127.0.0.1', '10.0.0.0/8']],
    }),
  insecure: z.boolean().default(false).meta({
    description:
      'Lets people sign in over plain http from other machines. For tests in a closed network alone.',
  }),
})

export type ListenConfig = z.output<typeof listenConfig>
