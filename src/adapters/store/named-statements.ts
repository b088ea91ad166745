import pg from 'pg'

const namesMax = 500
const names = new Map<string, string>()

/** The name under which a statement text is prepared; none once there are suspiciously many texts. */
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= namesMax) return undefined
  const name = `portero_${names.size}`
  names.set(text, name)
  return name
}

type Query = (...args: unknown[]) => unknown

/**
 * A client that prepares each statement with parameters once for its connection, under a name, so that the server parses
 * and plans it once. It needs a connection that stays with its server: no transaction pooler in between.
 */
export class NamedStatementsClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    // A connection that is lost while it is lent out has no other listener, and an unheard error would end the process.
    this.on('error', () => {})
    const send = this.query.bind(this) as Query
    const named: Query = (text, values, ...rest) => {
      const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined
      const sent = name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest)
      if (sent instanceof Promise) sent.catch((thrown: Error) => this.#giveUpWhenOverdue(thrown))
      return sent
    }
    this.query = named as typeof this.query
  }

  /** Behind a statement that was never answered every later one would wait too: such a connection is of no more use. */
  #giveUpWhenOverdue(thrown: Error): void {
    if (thrown.message === 'Query read timeout') void this.end().catch(() => {})
  }
}
