/** Asks a chat for streamed answers, one after the other, and answers how long each took to its first byte, in ms. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { ChatTask } from '../chat-stream.ts'

process.on('message', async (task: ChatTask) => process.send!(await chat(task)))
process.on('disconnect', () => process.exit())
process.send!({ port: 0 })

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function chat({ port, cookie, token, model, count }: ChatTask): Promise<number[]> {
  const messages = [{ role: 'user', content: 'pause=0 words=5' }]
  const body = JSON.stringify({ model, stream: true, messages })
  const headers = { cookie, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const path = '/api/chat/completions'
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now()
    const asked = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent })
    asked.end(body)
    const [res] = await once(asked, 'response')
    let firstAt = 0
    let text = ''
    for await (const part of res) {
      firstAt ||= performance.now()
      text += part
    }
    if (!text.includes('[DONE]'))
      throw new Error(`no streamed answer but ${res.statusCode}: ${text.slice(0, 300)}`)
    times.push(firstAt - startedAt)
  }
  return times
}
