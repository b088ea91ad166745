import { afterAll, beforeAll, expect, it } from 'vitest'
import { pastLeases } from '../support/past-leases.ts'
import { until } from '../support/until.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

let made = 0
let bot: WhatsappBot
beforeAll(async () => {
  bot = await openWhatsappBot()
})
afterAll(() => bot.close(), 60_000)

const newNumber = () => `+549115556${1000 + ++made}`

/** Somebody on record, with their own phone if it is given. */
async function person(name: string, phone?: string): Promise<string> {
  const document = `${30_000_000 + ++made}`
  await bot.database.query(
    `with u as (insert into public.usuarios (nombre, dni) values ($1, $2) returning id)
     insert into portero.phone_people (phone, person_id, belongs) select $3, id, 'attested' from u where $3::text is not null`,
    [name, document, phone ?? null],
  )
  return document
}

const shows = (phone: string) => bot.graph.phone(phone.slice(1)).shows()
const peopleOn = (phone: string) =>
  bot.sql(`select usuario_id from telefono_usuario where telefono = '${phone}'`)
const notice = /Recién alguien escribió tu documento desde otro teléfono/

it('tells the phone of a person that the document was typed elsewhere, once a day; "no fui yo" undoes it', async () => {
  const [own, thief, other] = [newNumber(), newNumber(), newNumber()]
  const document = await person('Ana', own)
  expect(await bot.whatsapp(own)(document)).toContain('¡Perfecto, Ana!')
  expect(await bot.whatsapp(thief)(document)).toContain('¡Perfecto, Ana!')
  await until(() => shows(own).some(({ text }) => notice.test(text)))
  expect(await bot.whatsapp(other)(document)).toContain('¡Perfecto, Ana!')
  await until(async () => (await peopleOn(other)).length === 1)
  const told = shows(own).filter(({ text }) => notice.test(text))
  expect(told).toHaveLength(1)
  expect(told[0]!.text).not.toContain(thief.slice(-4))
  expect(told[0]!.buttons).toMatchObject([{ title: 'No fui yo' }])

  const before = shows(own).length
  await bot.graph.phone(own.slice(1)).presses(told[0]!.buttons[0]!, told[0]!.id)
  await until(() => shows(own).length > before)
  await until(() => bot.portero.output().includes('phones that only declared to be theirs are unlinked'))
  expect([await peopleOn(thief), await peopleOn(other)]).toEqual([[], []])
  expect(await peopleOn(own)).toHaveLength(1)
  expect(await bot.whatsapp(thief)(document)).toContain('No encontré a nadie con ese DNI')
})

it('leaves it to the operator who is right when no phone is the one on record', async () => {
  const [first, second] = [newNumber(), newNumber()]
  const document = await person('Eva')
  await bot.whatsapp(first)(document)
  await bot.whatsapp(second)(document)
  await until(() => shows(first).some(({ text }) => notice.test(text)))
  await bot.whatsapp(first)('no fui yo')
  await until(() => bot.portero.output().includes('look at who is linked to whom, and decide'))
  expect([await peopleOn(first), await peopleOn(second)]).toMatchObject([[{}], [{}]])

  const requests = () =>
    bot.sql(
      `select person_id from portero.requests where kind = 'not_me' and phone = '${first}' and settled_at is null`,
    )
  await bot.sql(`update portero.requests set settled_at = now() where phone = '${first}'`)
  const before = shows(first).length
  const told = shows(first).find(({ text }) => notice.test(text))!
  await bot.graph.phone(first.slice(1)).presses(told.buttons[0]!, told.id)
  await until(() => shows(first).length > before)
  expect(shows(first).at(-1)!.text).toMatch(/^Gracias por avisar/)
  expect(await requests()).toMatchObject([{ person_id: expect.any(String) }])
  expect([await peopleOn(first), await peopleOn(second)]).toMatchObject([[{}], [{}]])
})

it('tells a phone whose chat is closed by SMS, whatever is killed, and undoes it by words from there', async () => {
  const [own, thief] = [newNumber(), newNumber()]
  const document = await person('Rita', own)
  await bot.whatsapp(thief)(document)
  await bot.portero.kill9()
  await pastLeases(bot.database.query)
  await bot.portero.restart()
  const sms = `to ${own}\n  Portero: escribieron tu documento desde otro telefono`
  await until(() => bot.portero.output().includes(sms))
  expect(shows(own)).toEqual([])
  expect(await bot.whatsapp(own)('NO FUI YO')).toMatch(/^Listo: saqué a quien se hizo pasar por vos/)
  expect(await peopleOn(thief)).toEqual([])
  expect(await bot.whatsapp(thief)(document)).toContain('No encontré a nadie con ese DNI')
})

it('tells the operator who wants to speak with people and who wants their data erased', async () => {
  const phone = newNumber()
  const say = bot.whatsapp(phone)
  await say(await person('Luz'))
  expect(await say('borrar mis datos')).toContain('borrar tus datos')
  expect(await say('asesor')).toMatch(/12 horas/)
  await until(() => bot.portero.output().includes('the bot keeps silent in this chat until then'))
  expect(bot.portero.output()).toContain('somebody wants their data erased')
  expect(bot.portero.output()).not.toContain(phone.slice(1))
})

it('knows somebody whose number is hidden once they share it, and not by a card that anybody forwards', async () => {
  const document = await person('Sol')
  const number = newNumber()
  const hidden = bot.graph.phone(number.slice(1), { isHidden: true, name: 'Sol' })
  const answered = async (what: Promise<unknown>): Promise<string> => {
    const before = hidden.shows().length
    await what
    await until(() => hidden.shows().length > before)
    return hidden.shows().at(-1)!.text
  }
  await answered(hidden.writes('Hola'))
  const request = hidden.shows().at(-1)!
  expect(request.isContactRequest).toBe(true)
  await answered(hidden.forwardsCard(newNumber().slice(1), request.id))
  expect(hidden.shows().at(-1)!.isContactRequest).toBe(true)
  expect(await answered(hidden.sharesContact(request.id))).toContain('necesito que me pases tu DNI')
  expect(await answered(hidden.writes(document))).toContain('¡Perfecto, Sol!')
  expect(await peopleOn(number)).toHaveLength(1)
  expect(await answered(hidden.writes('Hola'))).toContain('¡Hola de nuevo, Sol!')
})

it('asks again who is there when the account was registered anew, and notes how far its replies came', async () => {
  const phone = newNumber()
  const say = bot.whatsapp(phone)
  await say(await person('Paz'))
  const { id } = shows(phone).at(-1)!
  const states = () => bot.sql(`select delivery_state from portero.outbox where sent_as = '${id}'`)
  // The phone may show it before the answer of the API has arrived.
  await until(async () => (await states()).length === 1)
  await bot.graph.deliver([bot.graph.status(id, 'read')])
  await bot.graph.deliver([bot.graph.status(id, 'delivered')])
  expect(await states()).toEqual([{ delivery_state: 'read' }])
  await bot.graph.phone(phone.slice(1)).send('system', {
    system: { type: 'customer_identity_changed', identity: { hash: 'another' }, body: 'changed' },
  })
  expect(await peopleOn(phone)).toEqual([])
  expect(await say('Hola')).toContain('necesito que me pases tu DNI')
})

it('raises the alarm when twenty documents were wrong in an hour, from all phones together', async () => {
  const alarm = () => bot.portero.output().split('ALARM: twenty wrong documents').length - 1
  for (let phone = 0; phone < 4; phone++) {
    const say = bot.http(newNumber())
    await say('hola')
    for (let i = 0; i < 5; i++) {
      expect(alarm()).toBe(0)
      expect(await say(`${50_000_000 + 10 * phone + i}`)).toContain('No encontré a nadie con ese DNI')
    }
  }
  await until(() => alarm() === 1)
  expect(bot.portero.output()).not.toMatch(/5000000\d|5000003\d/)
})

it('tells them from the terminal too, and ends in good order with connections to the channel open', async () => {
  const own = newNumber()
  const document = await person('Mar')
  await bot.whatsapp(own)(document)
  expect(await bot.terminal(newNumber())(document)).toContain('¡Perfecto, Mar!')
  await until(() => shows(own).some(({ text }) => notice.test(text)))
  const started = performance.now()
  expect(await bot.portero.stop()).toBe(0)
  // Requests under way would be waited for so long; a connection that waits for one is none.
  expect(performance.now() - started).toBeLessThan(10_000)
})
