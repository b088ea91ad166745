import { z } from 'zod'

const chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .max(100),
})

/** What a stream may bring in all: what a model thinks to itself comes along, and is passed over. */
const streamBytesMax = 4 * 1024 * 1024
/** A single event is a word or two, with its envelope. */
const lineMax = 64 * 1024

/**
 * The text of a streamed chat completion (server-sent events, the last one `[DONE]` or with a `finish_reason`). Stops reading
 * when there are more than `max` letters. Rejects when the stream breaks off, when it is none, and when it has no end.
 */
export async function readCompletion(body: ReadableStream<Uint8Array> | null, max: number): Promise<string> {
  let text = ''
  let isFinished = false
  for await (const data of eventsOf(body)) {
    if (data === '[DONE]') return text
    const [choice] = chunkOf(data).choices
    text += choice?.delta?.content ?? ''
    if (text.length > max) return text
    isFinished ||= typeof choice?.finish_reason === 'string'
  }
  if (!isFinished) throw new Error('bot.agent.base_url broke off its answer, or did not stream one')
  return text
}

function chunkOf(data: string): z.output<typeof chunk> {
  try {
    return chunk.parse(JSON.parse(data))
  } catch {
    throw new Error('bot.agent.base_url streamed something that is no chat completion')
  }
}

/** The data of server-sent events; each stands on one line here, as everybody who streams completions writes it. */
async function* eventsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of piecesOf(body)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/)
    rest = lines.pop() ?? ''
    if (rest.length > lineMax) break
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim()
  }
  if (rest.length > lineMax) throw new Error('bot.agent.base_url streamed an event that is too long')
  if (rest.startsWith('data:')) yield rest.slice(5).trim()
}

async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  let length = 0
  try {
    for await (const bytes of body ?? []) {
      length += bytes.length
      if (length > streamBytesMax) break
      yield bytes
    }
  } catch {
    throw new Error('bot.agent.base_url broke off its answer')
  }
  if (length > streamBytesMax) throw new Error('bot.agent.base_url streamed without an end')
}
