/** A request that Portero answers in the place of the app behind. */
export type PlaceOfApp = 'sign_in' | 'sign_out' | 'loader'

/**
 * What the gateway does otherwise for an app that it knows; an app of which nothing is known has none. Paths come as they
 * stand in the request line, without the query.
 */
export type KnownApp = {
  /** Whether nobody may get there from outside: asked of every spelling that the app could read so, in any case. */
  isClosed(rawPath: string): boolean
  /** Which of its requests this is, if it is one that Portero answers. The path is decoded and can be read in one way only. */
  placeOf(method: string, plainPath: string): PlaceOfApp | undefined
  /** Whether this `Authorization` holds one of the app's own API keys, and no session of a person. */
  isApiKey(authorization: string): boolean
  /** Name of the cookie that holds the app's session; undefined where no session of it is handed out. */
  readonly sessionCookie: string | undefined
}

/** An answer in the place of the app. Repeated headers, such as `Set-Cookie`, come repeated. */
export type AnswerInPlace = {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}
