/** An answer that Portero gives in the place of Open WebUI. Repeated headers, such as `Set-Cookie`, come repeated. */
export type AnswerInPlace = {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}
