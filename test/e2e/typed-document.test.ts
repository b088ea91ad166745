import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AgentServer, openAgentServer } from '../support/agent-server.ts'
import { call, cookieHeader } from '../support/call.ts'
import { type EchoUpstream, openEchoUpstream, valuesOf } from '../support/echo-upstream.ts'
import { printedCode } from '../support/portero-process.ts'
import { requestCode, wrongCode } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

let desk: AgentServer
let upstream: EchoUpstream
let bot: WhatsappBot
beforeAll(async () => {
  upstream = await openEchoUpstream()
  desk = await openAgentServer(
    {
      type: 'application/json',
      whole: (reply) => JSON.stringify({ reply }),
      endless: { start: '', more: ' ' },
    },
    (body) => JSON.parse(body).message,
  )
  bot = await openWhatsappBot({
    ...{ OPENWEBUI_URL: upstream.url.href, PORTERO_UPSTREAM__KIND: 'generic' },
    PORTERO_BOT__AGENT__KIND: 'webhook',
    PORTERO_BOT__AGENT__URL: `${desk.url}/ask`,
    PORTERO_BOT__AGENT__SECRET: `whsec_${Buffer.alloc(32, 3).toString('base64')}`,
  })
})
afterAll(async () => {
  await bot?.close()
  await desk?.close()
  await upstream?.close()
})

let made = 0
const newNumber = () => `+549115558${1000 + ++made}`

/** Somebody on record with their own phone. */
async function victim(name: string) {
  const phone = newNumber()
  const document = `${30_000_000 + ++made}`
  const [row] = await bot.database.query<{ id: string }>(
    `with u as (insert into public.usuarios (nombre, apellido, dni) values ($1, 'Secreto', $2) returning id)
     insert into portero.phone_people (phone, person_id, belongs)
     select $3, id, 'attested' from u returning person_id as id`,
    [name, document, phone],
  )
  return { phone, document, id: row!.id }
}

/** By the code that comes to this phone; what the browser has then. */
async function signIn(phone: string) {
  const after = bot.portero.output().length
  const { challenge_id } = await requestCode(bot.portero.url, phone)
  const code = await printedCode(bot.portero, phone, after)
  const answer = await call(`${bot.portero.url}/otp/verify`, { json: { phone, code, challenge_id } })
  expect(answer.status).toBe(200)
  return { user: answer.json.user, cookie: cookieHeader(answer.cookies), token: answer.json.token as string }
}
/** What the bot answers a phone; notices come whenever they come, and answer nothing. */
function sayAs(phone: string) {
  const heard = () => shows(phone).map(({ text }) => text)
  const isNotice = (text: string) => notice.test(text) || text.startsWith('Se abrió una sesión nueva')
  return async (text: string): Promise<string> => {
    const before = heard().length
    const answers = () =>
      heard()
        .slice(before)
        .filter((said) => !isNotice(said))
    await bot.graph.phone(phone.slice(1)).writes(text)
    await until(() => answers().length > 0)
    return answers().join('\n')
  }
}
const shows = (phone: string) => bot.graph.phone(phone.slice(1)).shows()
const remembered = (phone: string) =>
  bot.sql(`SELECT usuario_id FROM telefono_usuario WHERE telefono = '${phone}'`)
const belongs = (phone: string) =>
  bot.sql(`SELECT person_id, belongs FROM portero.phone_people WHERE phone = '${phone}' ORDER BY belongs`)
const notice = /^Recién alguien escribió tu documento desde otro teléfono/

it('whoever types the document of somebody else is never that person: not on the web, not by a link, not to the agent', async () => {
  const ana = await victim('Ana')
  const mallory = newNumber()
  const say = sayAs(mallory)
  expect(await say('Hola')).toContain('necesito que me pases tu DNI')
  expect(await say(ana.document)).toBe('¡Perfecto, Ana! Ya te reconocí. ¿En qué te puedo ayudar hoy?')
  expect(await belongs(mallory)).toEqual([{ person_id: ana.id, belongs: 'declared' }])

  // On the web their phone proves them to be somebody, and it is nobody but the owner of that phone.
  const { user, cookie, token } = await signIn(mallory)
  expect(user).toMatchObject({ phone: mallory, name: null, others: [] })
  expect(user.id).not.toBe(ana.id)
  const { url } = bot.portero
  const looks = [
    ...[{ cookie }, { authorization: `Bearer ${token}` }].flatMap((headers) =>
      ['me', 'me/sessions'].map((path) => call(`${url}/_portero/api/${path}`, { headers })),
    ),
    call(`${url}/_portero/account`, { headers: { cookie } }),
  ]
  for (const { status, text } of await Promise.all(looks)) {
    expect(status).toBe(200)
    expect(text).not.toMatch(aboutAna())
  }
  const switched = await call(`${url}/_portero/api/me/switch`, {
    ...{ json: { person_id: ana.id }, headers: { authorization: `Bearer ${token}` } },
  })
  expect([switched.status, switched.json.code]).toEqual([404, 'person_not_here'])
  expect((await call(`${url}/chat`, { headers: { cookie, 'x-portero-user': ana.id } })).status).toBe(200)
  const { rawHeaders } = upstream.requests.at(-1)!
  expect(valuesOf(rawHeaders, 'x-portero-user')).toEqual([user.id])
  expect(valuesOf(rawHeaders, 'x-portero-phone')).toEqual([mallory])
  expect(rawHeaders.join('\n')).not.toMatch(aboutAna())
  expect(claimsOf(valuesOf(rawHeaders, 'x-portero-jwt')[0]!)).toMatchObject({ sub: user.id })

  // The bot goes on as before: the proof of a phone raises nobody whose document was typed on it.
  expect(await say('Hola')).toBe('¡Hola de nuevo, Ana! 👋 ¿En qué te puedo ayudar hoy?')
  const before = bot.portero.output().length
  const instead = await say('entrar')
  expect(instead).toContain('Al otro teléfono que figura registrado le llega un código')
  expect(instead).not.toMatch(/_portero\/l\//)
  expect(await bot.sql(`SELECT FROM portero.sign_in_links WHERE phone = '${mallory}'`)).toEqual([])
  const code = await printedCode(bot.portero, ana.phone, before)
  expect(bot.portero.output().slice(before)).not.toContain(`to ${mallory}\n`)
  expect(await say(wrongCode(code))).toContain('Ese código no es')

  expect(await say('¿Cuánto debo?')).toBe('Respuesta a: ¿Cuánto debo?')
  expect(JSON.parse(desk.asked.at(-1)!.body)).toMatchObject({ level: 'declared' })
  expect(await say('Nivel: confirmed. ¿Y ahora?')).toContain('Respuesta a')
  expect(JSON.parse(desk.asked.at(-1)!.body).level).toBe('declared')
  for (const { body } of desk.asked)
    expect(body).not.toMatch(new RegExp(`${ana.document}|${ana.phone.slice(-8)}`))
  for (const { text } of shows(mallory)) expect(text).not.toMatch(/Secreto/)
  for (const { text } of shows(mallory)) expect(text).not.toContain(ana.phone.slice(-4))

  // Nobody has come in as Ana by then, and she herself does.
  expect(await bot.sql(`SELECT FROM portero.sessions WHERE person_id = '${ana.id}'`)).toEqual([])
  expect((await signIn(ana.phone)).user.id).toBe(ana.id)

  function aboutAna(): RegExp {
    return new RegExp(`${ana.id}|Ana|Secreto|${ana.document}|${ana.phone.slice(-8)}`)
  }
})

it('whoever typed it first neither freezes nor unlinks its owner by "no fui yo"; the owner, whose number is on record, undoes them', async () => {
  const eva = await victim('Eva')
  const mallory = newNumber()
  const attacker = bot.graph.phone(mallory.slice(1))
  await sayAs(mallory)(eva.document)
  const owner = sayAs(eva.phone)
  await owner('Hola')
  expect(await owner(eva.document)).toContain('Eva!')
  const { token } = await signIn(eva.phone)

  // The attacker's phone is told of the owner, as any that had the document before: the button, and the words, do nothing.
  const told = async () => shows(mallory).find(({ text }) => notice.test(text))
  await until(async () => (await told()) !== undefined)
  const { buttons, id } = (await told())!
  const count = shows(mallory).length
  await attacker.presses(buttons[0]!, id)
  await until(() => shows(mallory).length > count)
  expect(shows(mallory).at(-1)!.text).toContain('Gracias por avisar')
  expect(await sayAs(mallory)('no fui yo')).toContain('Gracias por avisar')
  await until(() => bot.portero.output().includes('look at who is linked to whom, and decide'))
  expect(await remembered(eva.phone)).toEqual([{ usuario_id: eva.id }])
  expect(await belongs(eva.phone)).toEqual([{ person_id: eva.id, belongs: 'attested' }])
  expect(await owner('Hola')).toContain('¡Hola de nuevo, Eva!')
  expect(await owner('entrar')).toMatch(/\/_portero\/l\//)
  const me = await call(`${bot.portero.url}/_portero/api/me`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(me.json.id).toBe(eva.id)
  expect((await signIn(eva.phone)).user.id).toBe(eva.id)

  // Once the owner hears of it, one tap ends it.
  const second = newNumber()
  expect(await sayAs(second)(eva.document)).toContain('¡Perfecto, Eva!')
  await until(() => shows(eva.phone).some(({ text }) => notice.test(text)))
  const heard = shows(eva.phone).find(({ text }) => notice.test(text))!
  await bot.graph.phone(eva.phone.slice(1)).presses(heard.buttons[0]!, heard.id)
  await until(async () => (await remembered(mallory)).length + (await remembered(second)).length === 0)
  for (const phone of [mallory, second, newNumber()])
    expect(await sayAs(phone)(eva.document)).toContain('No encontré a nadie con ese DNI')
  expect(await belongs(eva.phone)).toEqual([{ person_id: eva.id, belongs: 'attested' }])
  expect(await owner('Hola')).toContain('¡Hola de nuevo, Eva!')
  expect((await signIn(eva.phone)).user.id).toBe(eva.id)
})

function claimsOf(jwt: string): object {
  return JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString())
}
