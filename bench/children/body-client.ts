/** Sends and takes large bodies, and answers with what the upstream says it got, or with how many bytes came. */
import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BodyTask } from '../bodies.ts'

process.on('message', async (task: BodyTask) => process.send!(await tasks[task.kind](task)))
process.on('disconnect', () => process.exit())
process.send!({ port: 0 })

const chunk = Buffer.alloc(256 * 1024, 'u')

const tasks: Record<BodyTask['kind'], (task: BodyTask) => Promise<number>> = {
  async upload({ port, path, cookie, bytes }) {
    const headers = { cookie, 'content-length': bytes }
    const asked = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent: false })
    const answered = once(asked, 'response')
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      if (!asked.write(chunk.subarray(0, Math.min(chunk.length, bytes - sent)))) await once(asked, 'drain')
    }
    asked.end()
    const [res] = await answered
    let text = ''
    for await (const part of res) text += part
    return Number(text)
  },
  /** Several at once, read slowly; answers for all of them. */
  async download({ port, path, cookie, count }) {
    const all = Array.from({ length: count }, async () => {
      const asked = request({ port, host: '127.0.0.1', path, headers: { cookie }, agent: false })
      asked.end()
      const [res] = await once(asked, 'response')
      let bytes = 0
      for await (const part of res) {
        bytes += part.length
        await sleep(5)
      }
      return bytes
    })
    return (await Promise.all(all)).reduce((sum, bytes) => sum + bytes, 0)
  },
}
