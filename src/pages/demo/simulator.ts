import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isRefusal, Refusal } from '../../domain/errors.ts'
import type { Locale } from '../../domain/locale.ts'
import { canonicalPhone, type PhoneNumber, parsePhoneNumber } from '../../domain/phones/phone-number.ts'
import { cookieNames, parseCookies } from '../../http/cookies.ts'
import { chooseLocale } from '../../http/locale.ts'
import { requireSameOrigin } from '../../http/same-origin.ts'
import { markupOf } from '../html.ts'
import { type BrandConfig, brandOf, type Look } from '../look.ts'
import { contentSecurityPolicy, pageHeaders } from '../page-headers.ts'
import { paths, withQuery } from '../parts.ts'
import type { ArrivedMessage } from './arrived-message.ts'
import { writePath } from './simulator-chat.ts'
import { renderBubble, renderSimulatorPage } from './simulator-page.ts'
import { simulatorScript } from './simulator-script.ts'
import { simulatorStyle } from './simulator-style.ts'

export type SimulatorPagesNeeds = {
  readonly brand: BrandConfig
  readonly defaultLocale: Locale
  readonly demo: { readonly on: boolean; readonly asked: boolean }
  readonly isSecure: (req: FastifyRequest['raw']) => boolean
  /** Region in which a phone without country code is read. */
  readonly defaultRegion: string | undefined
  /** This Portero itself, for this request. */
  readonly originOf: (req: FastifyRequest['raw']) => string
  /** Brings what a phone writes, or the button that it presses, to the bot. */
  readonly write: (
    phone: PhoneNumber,
    written: { text: string; button: string | undefined },
  ) => Promise<unknown>
  readonly simulator: {
    messages(): readonly ArrivedMessage[]
    onMessage(listener: (message: ArrivedMessage) => void): () => void
  }
}

/** Comments that keep proxies from closing a quiet stream. */
const heartbeatMs = 15_000
const shownMax = 60
/** How long a browser without script waits for the answer to what it wrote. */
const replyWaitMs = 2500
const streamsMax = 50
const textMax = 1000

/** The phone simulator at `/_portero/demo`, as a Fastify plugin; registered in demo mode alone. */
export async function simulatorPages(app: FastifyInstance, needs: SimulatorPagesNeeds): Promise<void> {
  const brand = brandOf(needs.brand)
  const style = brand.style + simulatorStyle
  const csp = contentSecurityPolicy(style, [simulatorScript], { connect: true })
  const headers = { ...pageHeaders(brand), 'content-security-policy': csp }
  const streams = new Set<ServerResponse>()

  app.get(paths.demo, async (request, reply) => {
    const all = needs.simulator.messages()
    const { phone, lang, wrong: wrongPhone, prepared } = queryOf(request)
    const chosen = phoneOf(phone)
    const known = all.map((message) => message.to)
    const phones = [...new Set(chosen === undefined ? known : [chosen, ...known])].slice(0, 8)
    const messages = all.filter((message) => chosen === undefined || message.to === chosen).slice(0, shownMax)
    reply.headers(headers)
    return renderSimulatorPage(lookAt(request), {
      ...{ messages, phones, chosen, wrongPhone, prepared, lang, style },
    })
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

  app.post(writePath, async (request, reply) => {
    requireSameOrigin(request.headers, [needs.originOf(request.raw)])
    const { phone: typed, lang, text, button } = fieldsOf(request.body)
    const phone = readPhone(typed)
    const isByScript = request.headers.accept === 'application/json'
    if (phone === undefined) {
      if (isByScript) throw new Refusal('invalid_phone')
      return reply.redirect(withQuery(paths.demo, { lang, wrong: typed.slice(0, 60) }), 303)
    }
    const [id, title] = button === undefined ? [] : splitButton(button)
    const answered = isByScript ? undefined : nextReply(phone)
    await needs.write(phone, { text: title ?? text, button: id })
    if (isByScript) return reply.code(204).send()
    await answered
    return reply.redirect(withQuery(paths.demo, { lang, phone }), 303)
  })

  /** Resolves when the bot has answered, or when it takes its time: without script nobody else shows what comes later. */
  function nextReply(phone: PhoneNumber): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        leave()
        resolve()
      }
      const timer = setTimeout(done, replyWaitMs)
      const leave = needs.simulator.onMessage(({ to, chat }) => to === phone && chat === 'bot' && done())
    })
  }

  function readPhone(typed: string): PhoneNumber | undefined {
    try {
      return parsePhoneNumber(typed, { region: needs.defaultRegion, source: 'typed' })
    } catch (thrown) {
      if (isRefusal(thrown)) return undefined
      throw thrown
    }
  }

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

/** A button says what it is called and what it is shown as. */
function splitButton(value: string): [id: string, title: string] {
  const space = value.indexOf(' ')
  return space < 0 ? [value, value] : [value.slice(0, space), value.slice(space + 1)]
}

function phoneOf(text: string | undefined): PhoneNumber | undefined {
  return text !== undefined && /^\+[1-9]\d{6,14}$/.test(text) ? canonicalPhone(text) : undefined
}

function fieldsOf(body: unknown) {
  const fields = (body ?? {}) as Record<string, unknown>
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined)
  return {
    ...{ phone: text('phone') ?? '', lang: text('lang'), text: (text('text') ?? '').slice(0, textMax) },
    button: text('button'),
  }
}

function queryOf(request: FastifyRequest) {
  const query = (request.query ?? {}) as Record<string, unknown>
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : undefined)
  return {
    lang: text('lang'),
    phone: text('phone'),
    wrong: text('wrong')?.slice(0, 60),
    prepared: text('text')?.slice(0, textMax),
  }
}
