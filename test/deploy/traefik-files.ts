import { z } from 'zod'

// The part that we use of Traefik's published schemas (SchemaStore: traefik-v3.json for the static file,
// traefik-v3-file-provider.json for the dynamic one), and of 3.7's reference where they lag behind it. Strict, as those are: a key
// that Traefik does not know is an error there too.

const duration = z.string().regex(/^-?\d+(?:ms|s|m|h)?$/)

const entryPoint = z.strictObject({
  address: z.string().regex(/^[\d.]*:\d+$/),
  http: z
    .strictObject({
      redirections: z
        .strictObject({
          entryPoint: z.strictObject({ to: z.string(), scheme: z.enum(['http', 'https']) }),
        })
        .optional(),
      underscoreHeadersStrategy: z.enum(['keep', 'delete', 'reject']).optional(),
    })
    .optional(),
  forwardedHeaders: z.strictObject({ trustedIPs: z.array(z.cidrv4()) }).optional(),
  transport: z.strictObject({ respondingTimeouts: z.strictObject({ readTimeout: duration }) }).optional(),
})

/** traefik.yml. */
export const staticFile = z.strictObject({
  entryPoints: z.record(z.string(), entryPoint),
  certificatesResolvers: z.record(
    z.string(),
    z.strictObject({
      acme: z.strictObject({
        email: z.email(),
        storage: z.string(),
        httpChallenge: z.strictObject({ entryPoint: z.string() }),
      }),
    }),
  ),
  providers: z.strictObject({ file: z.strictObject({ filename: z.string() }) }),
})

const router = z.strictObject({
  rule: z.string(),
  priority: z.int().min(0).optional(),
  entryPoints: z.array(z.string()),
  middlewares: z.array(z.string()).optional(),
  tls: z.strictObject({ certResolver: z.string() }).optional(),
  service: z.string(),
})

const forwardAuth = z.strictObject({
  address: z.url(),
  trustForwardHeader: z.boolean(),
  preserveLocationHeader: z.boolean(),
  authResponseHeaders: z.array(z.string()),
  authResponseHeadersRegex: z.string(),
  forwardBody: z.boolean(),
  maxBodySize: z.int(),
  maxResponseBodySize: z.int(),
})

const service = z.strictObject({
  loadBalancer: z.strictObject({
    servers: z.array(z.strictObject({ url: z.url() })).min(1),
    responseForwarding: z.strictObject({ flushInterval: duration }).optional(),
    serversTransport: z.string().optional(),
  }),
})

/** portero.yml. */
export const dynamicFile = z.strictObject({
  http: z.strictObject({
    routers: z.record(z.string(), router),
    middlewares: z.record(z.string(), z.strictObject({ forwardAuth })),
    services: z.record(z.string(), service),
    serversTransports: z.record(
      z.string(),
      z.strictObject({
        forwardingTimeouts: z.strictObject({ dialTimeout: duration, responseHeaderTimeout: duration }),
      }),
    ),
  }),
})
