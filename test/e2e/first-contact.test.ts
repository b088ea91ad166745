import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomSecret, secretHash } from '../../src/lib/random-secret.ts'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { pastLeases } from '../support/past-leases.ts'
import { printedCode } from '../support/portero-process.ts'
import { requestCode } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

let made = 0
const newNumber = () => `+549115557${1000 + ++made}`
let bot: WhatsappBot

/** Somebody of the people table, with a number on record if it is given. */
async function person(name: string, phone?: string): Promise<string> {
  const document = `${30_000_000 + ++made}`
  await bot.database.query(
    `with u as (insert into public.usuarios (nombre, apellido, dni) values ($1, 'Secreto', $2) returning id)
     insert into portero.phone_people (phone, person_id, belongs) select $3, id, 'attested' from u where $3::text is not null`,
    [name, document, phone ?? null],
  )
  return document
}
const shows = (phone: string) => bot.graph.phone(phone.slice(1)).shows()
const pairs = (phone: string) =>
  bot.sql(
    `select belongs, proved_at is not null as is_proved from portero.phone_people where phone = '${phone}'`,
  )
const operator = (...argv: string[]) => command(bot.portero.env, ...argv)
const textsTo = (phone: string) => bot.portero.output().split(`to ${phone}\n`).slice(1)

describe('first contact by a code', () => {
  beforeAll(async () => {
    bot = await openWhatsappBot({ PORTERO_BOT__FIRST_CONTACT: 'code' })
  })
  afterAll(() => bot.close(), 60_000)

  it('asks for what came to the number on record, and says there what it is for', async () => {
    const [own, other] = [newNumber(), newNumber()]
    const document = await person('Ana', own)
    const say = bot.whatsapp(other)
    expect(await say('hola')).toContain('pases tu DNI')
    const asked = await say(document)
    expect(asked).toContain('Si ese documento está registrado')
    expect(await bot.whatsapp(newNumber())('39999999')).toBe(asked)
    const code = await printedCode(bot.portero, own)
    expect(textsTo(own)).toHaveLength(1)
    expect(textsTo(own)[0]).toContain('alguien dice ser vos desde otro telefono')
    expect(await say(code === '000000' ? '000001' : '000000')).toContain('Ese código no es')
    expect(await say(`${code.slice(0, 3)} ${code.slice(3)}`)).toBe(
      '¡Perfecto, Ana! Ya te reconocí. ¿En qué te puedo ayudar hoy?',
    )
    expect(await pairs(other)).toEqual([{ belongs: 'attested', is_proved: true }])
    expect(await say('Hola')).toContain('¡Hola de nuevo, Ana!')
    const told = shows(other)
      .map(({ text }) => text)
      .join('\n')
    expect(told).not.toMatch(new RegExp(`Secreto|${document}|${own.slice(-4)}`))
    expect(bot.portero.output()).not.toContain(document)
  })

  it('is recognised at once on the number on record itself', async () => {
    const own = newNumber()
    const document = await person('Eva', own)
    expect(await bot.whatsapp(own)(document)).toContain('¡Perfecto, Eva!')
    expect(await pairs(own)).toEqual([{ belongs: 'attested', is_proved: true }])
    expect(textsTo(own)).toEqual([])
  })

  it('sends the same code once more when the process died with it, and no other', async () => {
    const [own, other] = [newNumber(), newNumber()]
    const document = await person('Luz', own)
    await bot.whatsapp(other)(document)
    const code = await printedCode(bot.portero, own)
    await until(async () => (await deliveriesTo(own))[0]?.state === 'accepted')
    const printed = bot.portero.output().length
    await bot.portero.kill9()
    await pastLeases(bot.database.query)
    await bot.database.query(
      `update portero.deliveries set state = 'calling', calling_until = now() - interval '1 second' where phone = $1`,
      [own],
    )
    await bot.portero.restart()
    expect(await printedCode(bot.portero, own, printed)).toBe(code)
    expect(textsTo(own)[1]).toContain('alguien dice ser vos desde otro telefono')
    // The reply before may be repeated once by the kill.
    await bot.whatsapp(other)(code)
    await until(() => shows(other).some(({ text }) => text.includes('¡Perfecto, Luz!')))
    expect(await deliveriesTo(own)).toHaveLength(1)
  })

  it('"no fui yo" after a code that somebody was talked out of undoes that, and leaves the owner their session', async () => {
    const [own, thief] = [newNumber(), newNumber()]
    const document = await person('Mora', own)
    const signIn = async () => {
      const printed = bot.portero.output().length
      const { challenge_id } = await requestCode(bot.portero.url, own)
      const code = await printedCode(bot.portero, own, printed)
      const { json } = await call(`${bot.portero.url}/otp/verify`, {
        json: { phone: own, code, challenge_id },
      })
      return json.token as string
    }
    await signIn()
    const mine = await signIn()
    await until(() => textsTo(own).filter((text) => text.includes('entraron a tu cuenta')).length === 2)
    const printed = bot.portero.output().length
    await bot.whatsapp(thief)(document)
    const code = await printedCode(bot.portero, own, printed)
    expect(textsTo(own).at(-1)).toContain('responde NO FUI YO al bot')
    expect(await bot.whatsapp(thief)(code)).toContain('¡Perfecto, Mora!')

    expect(await bot.whatsapp(own)('NO FUI YO')).toMatch(/^Listo: saqué a quien se hizo pasar por vos/)
    expect(await pairs(thief)).toEqual([])
    const me = await call(`${bot.portero.url}/_portero/api/me`, {
      headers: { authorization: `Bearer ${mine}` },
    })
    expect(me.status).toBe(200)
  })

  const deliveriesTo = (phone: string) =>
    bot.sql(`select state from portero.deliveries where phone = '${phone}'`)
})

describe('first contact by approval', () => {
  beforeAll(async () => {
    bot = await openWhatsappBot({ PORTERO_BOT__FIRST_CONTACT: 'approval' })
  })
  afterAll(() => bot.close(), 60_000)

  it('waits for the operator, who sees who it is, and tells the phone once it is approved', async () => {
    const [phone, wrong] = [newNumber(), newNumber()]
    const document = await person('Ana')
    const asked = await bot.whatsapp(phone)(document)
    expect(asked).toContain('te tienen que confirmar antes de seguir')
    expect(await bot.whatsapp(wrong)('39999999')).toBe(asked)
    await until(() => bot.portero.output().includes('see `portero links list`'))
    expect(bot.portero.output()).not.toMatch(new RegExp(`${phone.slice(1)}|${document}`))
    expect(await bot.whatsapp(phone)('hola')).toContain('todavía está en manos de')

    const listed = await operator('links', 'list')
    expect(listed.stdout).toMatch(/^\d+\t\+54 9 11 5557-\d{4}\tAna Secreto\t/)
    expect(listed.stdout).toContain('Beside these, 1 wait with a document that nobody has')
    const id = listed.stdout.split('\t')[0]!
    const before = shows(phone).length
    const approved = await operator('links', 'approve', id)
    expect([approved.code, approved.stdout]).toEqual([
      0,
      'Approved: the bot knows this phone from now on. It was told in its chat.\n',
    ])
    await until(() => shows(phone).length > before)
    expect(shows(phone).at(-1)!.text).toBe(
      '¡Listo! Ya te reconozco. ¿En qué te puedo ayudar? Para entrar en la web, escribí "entrar".',
    )
    expect(await bot.whatsapp(phone)('hola')).toContain('¡Hola de nuevo, Ana!')
    expect(await pairs(phone)).toEqual([{ belongs: 'attested', is_proved: true }])

    const again = await operator('links', 'approve', id)
    expect([again.code, again.stderr]).toMatchObject([1, expect.stringContaining('No request')])
    expect((await operator('links', 'reject', 'x')).code).toBe(64)
  })

  it('tells a phone nothing that was rejected', async () => {
    const phone = newNumber()
    await bot.whatsapp(phone)(await person('Sol'))
    const [row] = await bot.sql(`select id from portero.link_requests where phone = '${phone}'`)
    const before = shows(phone).length
    expect((await operator('links', 'reject', row.id)).stdout).toBe('Rejected.\n')
    expect(await bot.whatsapp(phone)('hola')).toContain('todavía está en manos de')
    expect(shows(phone)).toHaveLength(before + 1)
    expect(await pairs(phone)).toEqual([])
  })
})

describe('by default', () => {
  let unproved: string
  beforeAll(async () => {
    bot = await openWhatsappBot()
    unproved = `portero_key_${randomSecret()}${randomSecret()}`
    await bot.database.query(
      `insert into portero.api_keys (name, secret_hash, scopes) values ('kiosk', $1, '{chat}')`,
      [secretHash(unproved)],
    )
  })
  afterAll(() => bot.close(), 60_000)

  const kiosk = (phone: string) => async (text: string) => {
    const { json } = await call(`${bot.portero.url}/_portero/bot/messages`, {
      json: { from: phone, text },
      headers: { authorization: `Bearer ${unproved}` },
    })
    return json.replies.map((reply: { text: string }) => reply.text).join('\n') as string
  }

  it('whoever typed a document is raised by a code to the number on record, and never by one to their own', async () => {
    const [own, other, alone] = [newNumber(), newNumber(), newNumber()]
    const document = await person('Ana', own)
    const say = bot.whatsapp(other)
    await say(document)
    expect(await say('entrar')).toContain('Al otro teléfono que figura registrado')
    const code = await printedCode(bot.portero, own)
    expect(await say(code)).toContain('Listo, Ana, ahora sé que sos vos.')
    expect(await pairs(other)).toEqual([{ belongs: 'attested', is_proved: true }])

    const single = bot.whatsapp(alone)
    await single(await person('Sol'))
    expect(await single('entrar')).toContain('no tengo otro teléfono tuyo donde preguntar')
    expect(textsTo(alone)).toEqual([])
    expect(await pairs(alone)).toEqual([{ belongs: 'declared', is_proved: true }])
  })

  it('a program that only names a phone moves nothing there, and gets the same kind answers', async () => {
    const phone = newNumber()
    const say = bot.whatsapp(phone)
    const [ana, eva] = [await person('Ana'), await person('Eva')]
    await say(ana)
    const stranger = kiosk(phone)
    expect(await stranger('soy otra persona')).toContain('pases tu DNI')
    expect(await stranger(eva)).toContain('¡Perfecto, Eva!')
    expect(await stranger('hola')).toContain('¡Hola de nuevo, Eva!')
    expect(await say('hola')).toContain('¡Hola de nuevo, Ana!')
    expect(await stranger('olvidar a todos')).toContain('He olvidado a todas las personas')
    expect(await stranger('hola')).toContain('pases tu DNI')
    expect(await say('hola')).toContain('¡Hola de nuevo, Ana!')
    expect(await stranger('entrar')).not.toContain('código de 6 números')
  })

  it('asks again who is there when the account of a phone is another one', async () => {
    const number = newNumber()
    const writes = async (identityHash: string, text: string) => {
      const phone = bot.graph.phone(number.slice(1), { identityHash })
      const before = phone.shows().length
      await phone.writes(text)
      await until(() => phone.shows().length > before)
      return phone.shows().at(-1)!.text
    }
    expect(await writes('h1', await person('Paz'))).toContain('¡Perfecto, Paz!')
    expect(await writes('h1', 'hola')).toContain('¡Hola de nuevo, Paz!')
    expect(await writes('h2', 'hola')).toContain('pases tu DNI')
    expect(bot.portero.output().split('is another one than before').length).toBe(2)
    expect(bot.portero.output()).not.toMatch(/h1|h2/)
  })

  it('"no fui yo" is about whose document it was, whoever of the family has the phone', async () => {
    const [family, thief] = [newNumber(), newNumber()]
    const ana = await person('Ana', family)
    const say = bot.whatsapp(family)
    await say(ana)
    await say(`DNI ${await person('Beto')}`)
    await bot.whatsapp(thief)(ana)
    await until(() => shows(family).some(({ text }) => text.startsWith('Recién alguien')))
    const notice = shows(family).find(({ text }) => text.startsWith('Recién alguien'))!
    const press = async () => {
      const before = shows(family).length
      await bot.graph.phone(family.slice(1)).presses(notice.buttons[0]!, notice.id)
      await until(() => shows(family).length > before)
    }
    await press()
    await until(async () => (await pairs(thief)).length === 0)
    await press()
    const frozen = await bot.sql(
      `select u.nombre from portero.people p join public.usuarios u on u.id = p.id
        where p.frozen_until > now() and u.dni = '${ana}' or p.frozen_until > now() and u.nombre = 'Beto'`,
    )
    expect(frozen).toEqual([{ nombre: 'Ana' }])
    expect(await bot.whatsapp(thief)(ana)).toContain('No encontré a nadie con ese DNI')
  })
})
