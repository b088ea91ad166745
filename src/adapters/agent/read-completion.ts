import { z } from 'zod'
import { answerMax, cutAnswer } from '../../domain/agent/cut-answer.ts'

/** An event without choices says something beside the answer: tokens used, or the sources that a model was given. */
const chunk = z.object({
  error: z.null().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .max(100)
    .default([]),
})

/** What a stream may bring in all: what a model thinks to itself comes along, and is passed over. */
const streamBytesMax = 4 * 1024 * 1024
/** A single event is a word or two, with its envelope; the sources that Open WebUI sends ahead are whole passages. */
const lineMax = 1024 * 1024

/**
 * The text of a streamed chat completion (server-sent events, the last one `[DONE]` or with a `finish_reason`), cut to what one
 * message takes; undefined where it is empty. Stops reading when there is more. Rejects when the stream breaks off, when it is
 * none, and when it has no end; the error names the `setting` that says where it came from.
 */
export async function readCompletion(
  body: ReadableStream<Uint8Array> | null,
  setting: string,
): Promise<string | undefined> {
  const text = (await readText(body, setting)).trim()
  return text === '' ? undefined : cutAnswer(text)
}

async function readText(body: ReadableStream<Uint8Array> | null, setting: string): Promise<string> {
  let text = ''
  let isFinished = false
  for await (const data of eventsOf(body, setting)) {
    if (data === '[DONE]') return text
    const [choice] = chunkOf(data, setting).choices
    text += choice?.delta?.content ?? ''
    if (text.length > answerMax) return text
    isFinished ||= typeof choice?.finish_reason === 'string'
  }
  if (!isFinished) throw new Error(`${setting} broke off its answer, or did not stream one`)
  return text
}

function chunkOf(data: string, setting: string): z.output<typeof chunk> {
  try {
    return chunk.parse(JSON.parse(data))
  } catch {
    throw new Error(`${setting} streamed something that is no chat completion`)
  }
}

/** The data of server-sent events; each stands on one line here, as everybody who streams completions writes it. */
async function* eventsOf(body: ReadableStream<Uint8Array> | null, setting: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of piecesOf(body, setting)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/)
    rest = lines.pop() ?? ''
    if (rest.length > lineMax) break
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim()
  }
  if (rest.length > lineMax) throw new Error(`${setting} streamed an event that is too long`)
  if (rest.startsWith('data:')) yield rest.slice(5).trim()
}

async function* piecesOf(
  body: ReadableStream<Uint8Array> | null,
  setting: string,
): AsyncGenerator<Uint8Array> {
  let length = 0
  try {
    for await (const bytes of body ?? []) {
      length += bytes.length
      if (length > streamBytesMax) break
      yield bytes
    }
  } catch {
    throw new Error(`${setting} broke off its answer`)
  }
  if (length > streamBytesMax) throw new Error(`${setting} streamed without an end`)
}
