/** A proxy made of `@fastify/http-proxy`, as its manual has it: it checks nothing and adds nothing. */
import type { AddressInfo } from 'node:net'
import proxy from '@fastify/http-proxy'
import fastify from 'fastify'

const app = fastify()
await app.register(proxy, { upstream: `http://127.0.0.1:${process.env.UPSTREAM_PORT}` })
await app.listen({ port: 0, host: '127.0.0.1' })
process.send!({ port: (app.server.address() as AddressInfo).port })
process.on('disconnect', () => process.exit())
