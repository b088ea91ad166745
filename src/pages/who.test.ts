import { describe, expect, test } from 'vitest'
import { openPagesHouse } from '../../test/pages/pages-house.ts'
import { openVisitor, signedInVisitor } from '../../test/pages/visitor.ts'

const ids = [1, 2, 3].map((n) => `0b0b7c1e-7f1c-4a39-8f0b-2f6f1f2f3a0${n}`) as [string, string, string]
const who = '/_portero/signin/who'

function familyHouse() {
  const house = openPagesHouse()
  house.family = ['Ana Souza', 'Bruno Souza', 'Lucía Souza'].map((name, at) => ({ id: ids[at]!, name }))
  return house
}

describe('on a phone of several people', () => {
  test('the code leads to the question who it is, the last used first, and only then onward', async () => {
    const house = familyHouse()
    const { visit, answer } = await signedInVisitor(house, { return: '/c/1' })
    expect(answer.headers.location).toBe(`${who}?return=%2Fc%2F1`)
    const page = await visit(answer.headers.location as string)
    expect(page.statusCode).toBe(200)
    expect([...page.body.matchAll(/name="person_id" value="([^"]+)"/g)].map(([, id]) => id)).toEqual(ids)
    const chosen = await visit(who, { form: { person_id: ids[0], return: '/c/1' } })
    expect([chosen.statusCode, chosen.headers.location]).toEqual([303, '/c/1'])
    expect(house.calls.filter((call) => call.startsWith('switchPerson'))).toEqual([])
  })

  test('another choice is another session: new cookies, and the app’s go', async () => {
    const house = familyHouse()
    house.appCookie = 'app_session'
    const { visit, cookies } = await signedInVisitor(house)
    const before = cookies.get('portero')!
    cookies.set('app_session', 'of Ana')
    const chosen = await visit(who, { form: { person_id: ids[2].toUpperCase(), return: '/c/1' } })
    expect(chosen.headers.location).toBe('/_portero/handoff?return=%2Fc%2F1')
    expect(house.sessions.has(before)).toBe(false)
    expect(house.sessions.get(cookies.get('portero')!)?.person.name).toBe('Lucía Souza')
    expect(cookies.has('app_session')).toBe(false)
    expect(cookies.has('portero_device')).toBe(true)
  })

  test('a code that is sent twice does not lead past the question', async () => {
    const house = familyHouse()
    const visitor = openVisitor(house)
    await visitor.visit('/_portero/signin/phone', { form: { phone: '11 2345-6789', country: 'AR' } })
    const flow = visitor.cookies.get('portero_flow')!
    const form = { code: house.simulator.messages()[0]!.code!, return: '/c/1' }
    await visitor.visit('/_portero/signin/code', { form })
    visitor.cookies.set('portero_flow', flow)
    const again = await visitor.visit('/_portero/signin/code', { form })
    expect(again.headers.location).toBe(`${who}?return=%2Fc%2F1`)
  })

  test('who cannot be chosen is said on the same page', async () => {
    const house = familyHouse()
    const { visit } = await signedInVisitor(house)
    const stranger = await visit(who, { form: { person_id: crypto.randomUUID() } })
    expect(stranger.statusCode).toBe(404)
    expect(stranger.body).toContain('ya no se puede elegir')
    house.refuseNext('switchPerson', 'proof_too_old')
    const old = await visit(who, { form: { person_id: ids[1] } })
    expect(old.statusCode).toBe(403)
    expect(old.body).toContain('hace falta un código nuevo')
    expect((await visit(who, { form: { person_id: 'x' } })).statusCode).toBe(400)
    house.refuseNext('switchPerson', 'session_not_found')
    const gone = await visit(who, { form: { person_id: ids[1], return: '/c/1' } })
    expect(gone.headers.location).toBe('/_portero/signin?return=%2Fc%2F1')
  })

  test('the account page offers to be somebody else, and comes back', async () => {
    const house = familyHouse()
    const { visit } = await signedInVisitor(house)
    expect((await visit('/_portero/account')).body).toContain(`href="${who}?return=%2F_portero%2Faccount"`)
    const form = { person_id: ids[1], return: '/_portero/account' }
    const back = await visit(who, { form })
    expect((await visit(back.headers.location as string)).body).toContain('Bruno Souza')
  })

  test('two of one name, and two of none, keep the same number whoever comes first', async () => {
    const house = openPagesHouse()
    const people = [
      { id: ids[1], name: 'Juan' },
      { id: ids[0], name: 'Juan' },
      { id: ids[2], name: undefined },
    ]
    const labels = async (family: typeof people) => {
      house.family = family
      const { visit } = await signedInVisitor(house)
      const { body } = await visit(who)
      return [...body.matchAll(/value="([^"]+)"><span><bdi>([^<]+)<\/bdi>([^<]*)/g)]
        .map(([, id, name, number]) => [id, `${name}${number}`])
        .sort()
    }
    const expected = [
      [ids[0], 'Juan (1)'],
      [ids[1], 'Juan (2)'],
      [ids[2], 'Sin nombre'],
    ]
    expect(await labels(people)).toEqual(expected)
    expect(await labels(people.toReversed())).toEqual(expected)
  })
})

describe('on a phone of one person', () => {
  test('nothing is asked, and nothing offered', async () => {
    const { visit, answer } = await signedInVisitor(openPagesHouse(), { return: '/c/1' })
    expect(answer.headers.location).toBe('/c/1')
    expect((await visit(`${who}?return=/c/1`)).headers.location).toBe('/c/1')
    expect((await visit('/_portero/account')).body).not.toContain(who)
  })
})

test('a stranger is sent to sign in, and a page of another site chooses nobody', async () => {
  const house = familyHouse()
  const stranger = openVisitor(house)
  expect((await stranger.visit(`${who}?return=/c/1`)).headers.location).toBe(
    '/_portero/signin?return=%2Fc%2F1',
  )
  expect((await stranger.visit(who, { form: { person_id: ids[0] } })).headers.location).toBe(
    '/_portero/signin',
  )
  const { visit, cookies } = await signedInVisitor(house)
  const before = cookies.get('portero')
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const forged = await visit(who, { form: { person_id: ids[1] }, headers })
  expect([forged.statusCode, cookies.get('portero')]).toEqual([403, before])
})
