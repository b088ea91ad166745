import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session } from '../domain/sessions/session.ts'
import { withoutOwnCookies } from '../http/own-cookies.ts'
import type { AnswerInPlace, PlaceOfApp } from './known-app.ts'
import { limitLeftover } from './upload.ts'

/** What a request that Portero answers in the place of the app brings along. */
export type AskedInPlace = {
  readonly session: Session | undefined
  /** Without Portero's own cookies. */
  readonly cookie: string | undefined
  readonly authorization: string | undefined
}

/** Answers as the app would. Rejects as `answer` does, with nothing sent yet. */
export async function answerInPlace(
  answer: (place: PlaceOfApp, asked: AskedInPlace) => Promise<AnswerInPlace>,
  place: PlaceOfApp,
  req: IncomingMessage,
  res: ServerResponse,
  session: Session | undefined,
): Promise<void> {
  const { cookie, authorization } = req.headers
  const { status, headers, body } = await answer(place, {
    session,
    cookie: cookie === undefined ? undefined : withoutOwnCookies(cookie),
    authorization,
  })
  if (res.destroyed) return
  limitLeftover(req, res)
  res.writeHead(status, [...headers.flat(), 'Content-Length', String(Buffer.byteLength(body))])
  res.end(req.method === 'HEAD' ? undefined : body)
}
