import type { PagesHouse } from './pages-house.ts'

const ours = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }

/** A browser without script: keeps cookies, sends forms, follows nothing by itself. */
export function openVisitor({ app }: PagesHouse) {
  const cookies = new Map<string, string>()
  type Options = {
    form?: Record<string, string>
    headers?: Record<string, string>
    body?: string
    method?: 'HEAD'
  }
  async function visit(url: string, { form, headers = {}, body, method }: Options = {}) {
    const payload = body ?? (form && new URLSearchParams(form).toString())
    const answer = await app.inject({
      url,
      method: method ?? (payload === undefined ? 'GET' : 'POST'),
      headers: {
        ...(payload === undefined ? {} : { ...ours, 'content-type': 'application/x-www-form-urlencoded' }),
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    })
    for (const { name, value, maxAge } of answer.cookies) {
      if (maxAge === 0) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return { visit, cookies }
}

/** A browser that has just signed in with the code from the simulated phone. */
export async function signedInVisitor(house: PagesHouse, form: Record<string, string> = {}) {
  const visitor = openVisitor(house)
  await visitor.visit('/_portero/signin/phone', { form: { phone: '11 2345-6789', country: 'AR' } })
  const code = house.simulator.messages()[0]!.code!
  const answer = await visitor.visit('/_portero/signin/code', { form: { code, ...form } })
  return { ...visitor, answer }
}
