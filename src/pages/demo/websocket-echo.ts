import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** RFC 6455 §1.3. */
const acceptKey = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const frameBytesMax = 64 * 1024

/**
 * Answers an upgrade and sends every frame back: just enough of RFC 6455 to show that a websocket comes through the
 * gateway. What is larger than 64 KB, or not masked as clients must, ends the connection.
 */
export function echoWebsocket(req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const key = req.headers['sec-websocket-key']
  if (req.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) {
    socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    return
  }
  const accept = createHash('sha1')
    .update(key + acceptKey)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  )
  let waiting = head
  const take = (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const frame = readFrame(waiting)
      if (frame === 'partial') return
      if (frame === 'broken') return void socket.destroy()
      waiting = waiting.subarray(frame.length)
      if (frame.opcode === 0x8) return void socket.end(frameOf(0x88, frame.payload))
      if (frame.opcode === 0x9) socket.write(frameOf(0x8a, frame.payload))
      else if (frame.opcode !== 0xa) socket.write(frameOf(frame.first, frame.payload))
    }
  }
  socket.on('data', take)
  socket.on('error', () => socket.destroy())
  take(Buffer.alloc(0))
}

type Frame = { first: number; opcode: number; payload: Buffer; length: number }

function readFrame(bytes: Buffer): Frame | 'partial' | 'broken' {
  if (bytes.length < 2) return 'partial'
  const first = bytes[0]!
  const isMasked = (bytes[1]! & 0x80) !== 0
  let size = bytes[1]! & 0x7f
  let at = 2
  if (size === 126) {
    if (bytes.length < 4) return 'partial'
    size = bytes.readUInt16BE(2)
    at = 4
  }
  if (!isMasked || size === 127 || size > frameBytesMax) return 'broken'
  if (bytes.length < at + 4 + size) return 'partial'
  const mask = bytes.subarray(at, at + 4)
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + size))
  for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i % 4]!
  return { first, opcode: first & 0x0f, payload, length: at + 4 + size }
}

function frameOf(first: number, payload: Buffer): Buffer {
  const size = payload.length
  const head = size < 126 ? Buffer.from([first, size]) : Buffer.from([first, 126, size >> 8, size & 0xff])
  return Buffer.concat([head, payload])
}
