/**
 * An upstream that costs as little as can be: it answers each request for `/10mb` with ten megabytes, any other with one
 * kilobyte, without looking at anything but the request line. Requests without a body only, one at a time.
 */
import { type AddressInfo, createServer } from 'node:net'

const answerOf = (bytes: number): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n${'k'.repeat(bytes)}`,
    'latin1',
  )
const kilobyte = answerOf(1024)
const tenMegabytes = answerOf(10 * 2 ** 20)

const server = createServer({ noDelay: true }, (socket) => {
  let head = ''
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1')
    if (!head.endsWith('\r\n\r\n')) return
    socket.write(head.startsWith('GET /10mb') ? tenMegabytes : kilobyte)
    head = ''
  })
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
