import { type Call, call } from './call.ts'
import type { TestDatabase } from './database.ts'

let next = 0

/** A Brazilian mobile number that no other test of this file has. */
export function freshPhone(): string {
  next += 1
  return `+5511${980_000_000 + next}`
}

export type SignedInByApi = {
  phone: string
  token: string
  refreshToken: string
  personId: string
  /** Value of the session cookie's header, with the JWT's cookie. */
  cookie: string
  cookies: Record<string, string>
}

/** Asks for a code; refuses to go on when that does not work. */
export async function requestCode(url: string, phone: string, options: Call = {}) {
  const answer = await call(`${url}/otp/request`, { json: { phone }, ...options })
  if (answer.status !== 200) throw new Error(`no code: ${answer.status} ${answer.text}`)
  return answer.json as { challenge_id: string; code: string; digits: number; resend_in: number }
}

/** Signs in where codes are shown. */
export async function signInByApi(
  url: string,
  phone = freshPhone(),
  options: Call = {},
): Promise<SignedInByApi> {
  const { code, challenge_id } = await requestCode(url, phone, options)
  const answer = await call(`${url}/otp/verify`, { json: { phone, code, challenge_id }, ...options })
  if (answer.status !== 200) throw new Error(`no session: ${answer.status} ${answer.text}`)
  return {
    phone,
    token: answer.json.token,
    refreshToken: answer.json.refresh_token,
    personId: answer.json.user.id,
    cookies: answer.cookies,
    cookie: Object.entries(answer.cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  }
}

/** Another code of the same length. */
export function wrongCode(code: string, by = 1): string {
  return String((Number(code) + by) % 10 ** code.length).padStart(code.length, '0')
}

/** How many rows each table has that anything a caller does could write to. */
export async function rowCounts(database: Pick<TestDatabase, 'query'>): Promise<Record<string, number>> {
  const tables = [
    ...['challenges', 'sends', 'guesses', 'deliveries', 'sessions', 'devices', 'phone_guards'],
    ...['access_log', 'phone_people', 'people', 'revocations', 'api_keys'],
  ].map((name) => `portero.${name}`)
  const all = [...tables, 'public.usuarios', 'public.telefono_usuario']
  const [row] = await database.query<Record<string, number>>(
    `select ${all.map((table) => `(select count(*)::int from ${table}) as "${table}"`).join(', ')}`,
  )
  return row!
}
