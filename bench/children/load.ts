/**
 * Puts load on a server and answers with what it counted. It asks one thing at a time on each of its connections, which
 * stay open, and takes every answer whole; a status other than the expected one ends the measuring.
 */
import { connect } from 'node:net'
import type { Load, LoadCount } from '../support/load.ts'

process.on('message', async (load: Load) => process.send!(await run(load)))
process.on('disconnect', () => process.exit())
process.send!({ port: 0 })

async function run(load: Load): Promise<LoadCount> {
  const request = Buffer.from(load.request, 'latin1')
  const startedAt = performance.now()
  const endsAt = startedAt + load.seconds * 1000
  const counts = await Promise.all(
    Array.from({ length: load.connections }, () => drive(load, request, endsAt)),
  )
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

/** Drives one connection until the time is over; answers how many requests were answered. */
function drive({ port, status }: Load, request: Buffer, endsAt: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0
    let head = Buffer.alloc(0)
    let bodyLeft = -1
    // One buffer for all that is read: what is under test is the server.
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: Buffer.alloc(64 * 1024), callback: (size, buffer) => read(buffer, size) },
    })
    socket.on('connect', () => socket.write(request))
    socket.on('error', reject)
    socket.on('close', () => resolve(answered))

    function read(buffer: Uint8Array, size: number): boolean {
      let bytes = Buffer.from(buffer.buffer, buffer.byteOffset, size)
      if (bodyLeft === -1) {
        if (head.length > 0) bytes = Buffer.concat([head, bytes])
        const end = bytes.indexOf('\r\n\r\n')
        if (end === -1) {
          head = Buffer.from(bytes)
          return true
        }
        const text = bytes.toString('latin1', 0, end)
        if (Number(text.slice(9, 12)) !== status) {
          socket.destroy(new Error(`answered ${text.split('\r\n', 1)[0]}, not ${status}`))
          return false
        }
        bodyLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0)
        head = Buffer.alloc(0)
        size = bytes.length - end - 4
      }
      bodyLeft -= size
      if (bodyLeft > 0) return true
      bodyLeft = -1
      answered++
      if (performance.now() < endsAt) socket.write(request)
      else socket.destroy()
      return true
    }
  })
}
