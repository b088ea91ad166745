import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the model was asked: the path, the parsed body, and what Open WebUI said of the person in headers. */
export type ModelRequest = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly stream?: boolean; readonly messages?: readonly unknown[] }
}

export type StandInModel = {
  readonly port: number
  /** As Open WebUI is given it: with the path `/v1`. */
  readonly url: string
  /** What it answers, word by word. May be changed at any time. */
  words: readonly string[]
  /** Milliseconds before each word of a streamed answer. */
  pauseMs: number
  readonly requests: ModelRequest[]
  close(): Promise<void>
}

/** The name of the only model there is. */
export const modelName = 'eco'

/**
 * A model that speaks as OpenAI's do and always says the same; enough for Open WebUI, for documents as for chats. Who sits in
 * another process steers it by what is written to it, `pause=200 words=50`, and reads at `/requests` what it was asked.
 */
export async function openStandInModel(port = 0): Promise<StandInModel> {
  const requests: ModelRequest[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    req.on('error', () => {})
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as ModelRequest['body']
    if (req.url === '/requests') return json(res, requests)
    requests.push({ path: req.url!, headers: req.headers, body })
    if (req.url === '/v1/models')
      return json(res, { object: 'list', data: [{ id: modelName, object: 'model' }] })
    if (req.url === '/v1/embeddings') {
      return json(res, {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: Array(8).fill(0.5) }],
      })
    }
    if (req.url !== '/v1/chat/completions') return json(res.writeHead(404), {})
    if (body.stream === true) return await stream(res, body, model)
    const message = { role: 'assistant', content: model.words.join('') }
    json(res, {
      object: 'chat.completion',
      ...named,
      choices: [{ index: 0, finish_reason: 'stop', message }],
    })
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const listening = (server.address() as AddressInfo).port
  const model: StandInModel = {
    ...{ port: listening, url: `http://127.0.0.1:${listening}/v1`, requests, pauseMs: 30 },
    words: ['Hola,', ' soy', ' el', ' modelo', ' de', ' prueba.'],
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return model
}

const named = { id: 'chatcmpl-eco', model: modelName }

async function stream(res: ServerResponse, body: ModelRequest['body'], model: StandInModel): Promise<void> {
  const asked = JSON.stringify(body.messages?.at(-1) ?? '')
  const pauseMs = Number(/pause=(\d+)/.exec(asked)?.[1] ?? model.pauseMs)
  const count = Number(/words=(\d+)/.exec(asked)?.[1] ?? model.words.length)
  const words = Array.from({ length: count }, (_, i) => model.words[i % model.words.length]!)
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const say = (delta: object, finish_reason: string | null) => {
    const chunk = { object: 'chat.completion.chunk', ...named, choices: [{ index: 0, delta, finish_reason }] }
    res.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  for (const content of words) {
    await new Promise((next) => setTimeout(next, pauseMs))
    if (res.destroyed) return
    say({ content }, null)
  }
  say({}, 'stop')
  res.end('data: [DONE]\n\n')
}

function json(res: ServerResponse, body: object): void {
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify(body))
}
