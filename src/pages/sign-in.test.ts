import { describe, expect, test } from 'vitest'
import { openPagesHouse } from '../../test/pages/pages-house.ts'
import { openVisitor, signedInVisitor } from '../../test/pages/visitor.ts'

describe('signing in on the pages', () => {
  test('goes from the number to the code to where the person was going', async () => {
    const house = openPagesHouse()
    const { visit, cookies } = openVisitor(house)
    const start = await visit('/_portero/signin?return=/c/1%3Fx=y')
    expect(start.statusCode).toBe(200)
    expect(start.body).toContain('name="return" value="/c/1?x=y"')

    const asked = await visit('/_portero/signin/phone', {
      form: { phone: '11 2345-6789', country: 'AR', return: '/c/1?x=y' },
    })
    expect([asked.statusCode, asked.headers.location]).toEqual([
      303,
      '/_portero/signin?return=%2Fc%2F1%3Fx%3Dy',
    ])
    expect(asked.cookies[0]).toMatchObject({
      name: 'portero_flow',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: 900,
    })

    const step = await visit(asked.headers.location as string)
    expect(step.body).toContain('+54 9 11 2345-6789')
    expect(step.body).toContain('autocomplete="one-time-code"')

    const code = house.simulator.messages()[0]!.code!
    const form = { code: `${code.slice(0, 3)} ${code.slice(3)}`, return: '/c/1?x=y' }
    const entered = await visit('/_portero/signin/code', { form })
    expect([entered.statusCode, entered.headers.location]).toEqual([303, '/c/1?x=y'])
    expect([...cookies.keys()].sort()).toEqual(['portero', 'portero_device', 'x-auth-phone'])

    const again = await visit('/_portero/signin?return=/c/1')
    expect(again.body).toContain('Hola, Ana Souza')
    expect(again.body).toContain('href="/c/1"')
  })

  test('comes back to the code step after a reload, however often', async () => {
    const { visit } = openVisitor(openPagesHouse())
    await visit('/_portero/signin/phone', { form: { phone: '+5511961234567' } })
    for (let i = 0; i < 3; i++) expect((await visit('/_portero/signin')).body).toContain('+55 11 96123-4567')
  })

  test('shows what was typed again when it is no number, and sends nothing', async () => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    const answer = await visit('/_portero/signin/phone', { form: { phone: '11 <b>2', country: 'BR' } })
    expect(answer.statusCode).toBe(400)
    expect(answer.body).toContain('value="11 &lt;b&gt;2"')
    expect(answer.body).toContain('<option value=BR data-example="(11) 96123-4567" selected>')
    expect(house.calls.filter((call) => call.startsWith('requestCode'))).toEqual([])
  })

  test('tells how many tries are left, then that the code is dead, and sends a new one', async () => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    await visit('/_portero/signin/phone', { form: { phone: '11 2345-6789' } })
    const wrong = house.simulator.messages()[0]!.code === '000000' ? '000001' : '000000'
    const first = await visit('/_portero/signin/code', { form: { code: wrong } })
    expect(first.headers.location).toBe('/_portero/signin?said=wrong')
    expect((await visit(first.headers.location as string)).body).toContain('te quedan 4 intentos')
    for (let i = 0; i < 4; i++) await visit('/_portero/signin/code', { form: { code: wrong } })
    expect((await visit('/_portero/signin?said=wrong')).body).toContain('Ese código ya no sirve')
    const fresh = await visit('/_portero/signin/resend', { form: { channel: 'sms' } })
    expect(fresh.headers.location).toBe('/_portero/signin')
    expect((await visit('/_portero/signin')).body).toContain('Te lo mandamos por SMS')
  })

  test('does not count what is no code as a try', async () => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    await visit('/_portero/signin/phone', { form: { phone: '11 2345-6789' } })
    const answer = await visit('/_portero/signin/code', { form: { code: '12345' } })
    expect(answer.headers.location).toBe('/_portero/signin?said=malformed')
    expect(house.calls.some((call) => call.startsWith('verifyCode'))).toBe(false)
  })

  test('says that a code expired, keeps the number at hand and lets it be corrected', async () => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    await visit('/_portero/signin/phone', { form: { phone: '+5511961234567' } })
    expect((await visit('/_portero/signin?edit=1')).body).toContain('value="+55 11 96123-4567"')
    house.pass(301)
    expect((await visit('/_portero/signin')).body).toContain('El código venció')
    const restart = await visit('/_portero/signin/restart', { form: { return: '/c/1' } })
    expect(restart.headers.location).toBe('/_portero/signin?return=%2Fc%2F1')
    expect((await visit('/_portero/signin')).body).toContain('Entrá con tu teléfono')
  })

  test('asked again too early, sends nothing and says when', async () => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    await visit('/_portero/signin/phone', { form: { phone: '11 2345-6789' } })
    house.pass(10)
    const early = await visit('/_portero/signin/resend', { form: { channel: 'whatsapp' } })
    expect(early.headers.location).toBe('/_portero/signin?said=too_early')
    expect((await visit(early.headers.location as string)).body).toContain('20 segundos')
    expect(house.simulator.messages()).toHaveLength(1)
    house.pass(20)
    const resent = await visit('/_portero/signin/resend', { form: { channel: 'sms' } })
    expect(resent.headers.location).toBe('/_portero/signin?said=resent')
    expect(house.simulator.messages()).toHaveLength(2)
  })

  test('above a limit says when to come back, with a reference, and stops saying so then', async () => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    house.refuseNext('requestCode', 'too_many_codes', { retryAfterSeconds: 600 })
    const answer = await visit('/_portero/signin/phone', { form: { phone: '11 2345-6789' } })
    const page = await visit(answer.headers.location as string)
    expect(page.body).toContain('10 minutos')
    expect(page.body).toContain('K7QF2M9A')
    expect(page.body).toContain('mailto:soporte@uds.example')
    house.pass(601)
    expect((await visit(answer.headers.location as string)).body).toContain('Entrá con tu teléfono')
  })

  test.each([
    ['approval_pending', 'Falta que te aprueben'],
    ['person_blocked', 'Esta cuenta está en pausa'],
    ['not_admitted', 'No encontramos ese número'],
  ] as const)('a right code that is refused with %s says so', async (refusal, title) => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    await visit('/_portero/signin/phone', { form: { phone: '11 2345-6789' } })
    house.refuseNext('verifyCode', refusal)
    const answer = await visit('/_portero/signin/code', { form: { code: '123456' } })
    const page = await visit(answer.headers.location as string)
    expect(page.body).toContain(title)
    expect(page.body).toContain('K7QF2M9A')
  })

  test('promises nothing where only people on record get a code', async () => {
    const { visit } = openVisitor(openPagesHouse({ admission: 'known' }))
    await visit('/_portero/signin/phone', { form: { phone: '11 2345-6789' } })
    expect((await visit('/_portero/signin')).body).toContain('está registrado, te llega un código')
  })

  test('on a shared computer leaves no device cookie and no cookie that outlives the browser', async () => {
    const { answer, cookies } = await signedInVisitor(openPagesHouse(), { shared: '1' })
    expect([...cookies.keys()].sort()).toEqual(['portero', 'x-auth-phone'])
    expect(answer.cookies.find(({ name }) => name === 'portero')).not.toHaveProperty('maxAge')
  })

  test('a code sent twice lands where the first one did', async () => {
    const house = openPagesHouse()
    const { visit, cookies } = await signedInVisitor(house)
    cookies.set('portero_flow', `${'x'.repeat(36)}.${'y'.repeat(36)}`)
    const answer = await visit('/_portero/signin/code', { form: { code: '123456', return: '/c/2' } })
    expect(answer.headers.location).toBe('/c/2')
  })

  test('asks a newcomer for a name, once, and lets them skip it', async () => {
    const house = openPagesHouse()
    house.isNewcomer = true
    const { visit, answer } = await signedInVisitor(house, { return: '/c/1' })
    expect(answer.headers.location).toBe('/_portero/signin/name?return=%2Fc%2F1')
    const page = await visit(answer.headers.location as string)
    expect(page.body).toContain('<a class="button quiet" href="/c/1">Ahora no</a>')
    const wrong = await visit('/_portero/signin/name', { form: { name: '123', return: '/c/1' } })
    expect([wrong.statusCode, wrong.body.includes('value="123"')]).toEqual([400, true])
    const right = await visit('/_portero/signin/name', { form: { name: 'Ana', return: '/c/1' } })
    expect([right.statusCode, right.headers.location]).toEqual([303, '/c/1'])
  })

  test('remembers the language that was chosen', async () => {
    const { visit } = openVisitor(openPagesHouse())
    expect((await visit('/_portero/signin', { headers: { 'accept-language': 'en' } })).body).toContain(
      'lang="en"',
    )
    expect((await visit('/_portero/signin?lang=pt-BR')).body).toContain('Entre com seu telefone')
    expect((await visit('/_portero/signin', { headers: { 'accept-language': 'en' } })).body).toContain(
      'lang="pt-BR"',
    )
  })
})
