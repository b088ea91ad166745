import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Locale } from '../../domain/locale.ts'
import { cookieNames, parseCookies } from '../../http/cookies.ts'
import { chooseLocale } from '../../http/locale.ts'
import { markupOf } from '../html.ts'
import { type BrandConfig, brandOf, type Look } from '../look.ts'
import { contentSecurityPolicy, pageHeaders } from '../page-headers.ts'
import { paths, withQuery } from '../parts.ts'
import type { ArrivedMessage } from './arrived-message.ts'
import { renderBubble, renderSimulatorPage } from './simulator-page.ts'
import { simulatorScript } from './simulator-script.ts'
import { simulatorStyle } from './simulator-style.ts'

export type SimulatorPagesNeeds = {
  readonly brand: BrandConfig
  readonly defaultLocale: Locale
  readonly demo: { readonly on: boolean; readonly asked: boolean }
  readonly isSecure: (req: FastifyRequest['raw']) => boolean
  readonly simulator: {
    messages(): readonly ArrivedMessage[]
    onMessage(listener: (message: ArrivedMessage) => void): () => void
  }
}

/** Comments that keep proxies from closing a quiet stream. */
const heartbeatMs = 15_000
const shownMax = 30
const streamsMax = 50

/** The phone simulator at `/_portero/demo`, as a Fastify plugin; registered in demo mode alone. */
export async function simulatorPages(app: FastifyInstance, needs: SimulatorPagesNeeds): Promise<void> {
  const brand = brandOf(needs.brand)
  const style = brand.style + simulatorStyle
  const csp = contentSecurityPolicy(style, [simulatorScript], { connect: true })
  const headers = { ...pageHeaders(brand), 'content-security-policy': csp }
  const streams = new Set<ServerResponse>()

  app.get(paths.demo, async (request, reply) => {
    const all = needs.simulator.messages()
    const phones = [...new Set(all.map((message) => message.to))].slice(0, 8)
    const chosen = phones.find((phone) => phone === queryOf(request).phone)
    const messages = all.filter((message) => chosen === undefined || message.to === chosen).slice(0, shownMax)
    reply.headers(headers)
    return renderSimulatorPage(lookAt(request), { messages, phones, chosen, style })
  })

  app.get(`${paths.demo}/messages`, { exposeHeadRoute: false }, (request, reply) => {
    const look = lookAt(request)
    const { phone } = queryOf(request)
    reply.hijack()
    const res = reply.raw
    res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const send = (message: ArrivedMessage, isNew: boolean) => {
      if (phone !== undefined && message.to !== phone) return
      const bubble = markupOf(renderBubble(look, message))
      res.write(`data: ${JSON.stringify({ id: message.id, isNew, bubble })}\n\n`)
    }
    res.write(': hello\n\n')
    // All of them again: what arrived while the stream was broken must not be missed, and the page knows what it has.
    for (const message of needs.simulator.messages().slice(0, shownMax).reverse()) send(message, false)
    const leave = needs.simulator.onMessage((message) => send(message, true))
    const heartbeat = setInterval(() => res.write(': still here\n\n'), heartbeatMs)
    streams.add(res)
    if (streams.size > streamsMax) streams.values().next().value!.end()
    res.on('close', () => {
      leave()
      clearInterval(heartbeat)
      streams.delete(res)
    })
  })

  app.addHook('preClose', async () => {
    for (const res of streams) res.end()
  })

  function lookAt(request: FastifyRequest): Look {
    const { lang, phone } = queryOf(request)
    const remembered = parseCookies(request.headers.cookie).get(
      cookieNames(needs.isSecure(request.raw)).language,
    )
    const locale = chooseLocale(request.headers['accept-language'], [lang, remembered], needs.defaultLocale)
    return { locale, brand, demo: needs.demo, here: withQuery(paths.demo, { phone }) }
  }
}

function queryOf(request: FastifyRequest): { lang: string | undefined; phone: string | undefined } {
  const query = (request.query ?? {}) as Record<string, unknown>
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : undefined)
  return { lang: text('lang'), phone: text('phone') }
}
