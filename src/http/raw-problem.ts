import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ProblemNeeds, problemOf } from './problem.ts'

/** For how long a peer may take to read the last words. */
const closeMs = 2_000

/** Answers a problem on a socket that no HTTP server holds (any more), and closes it. */
export function endWithProblem(
  needs: ProblemNeeds,
  socket: Duplex,
  thrown: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const problem = problemOf(needs, thrown)
  const lines = Object.entries({ ...problem.headers, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const length = Buffer.byteLength(problem.body)
  endSocket(
    socket,
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}content-length: ${length}\r\nconnection: close\r\n\r\n${problem.body}`,
  )
}

/** Writes the last words, closes, and does not wait for ever for the other side to do the same. */
export function endSocket(socket: Duplex, words: string | Buffer): void {
  if (socket.destroyed || socket.writableEnded) return
  socket.resume()
  socket.end(words)
  const timer = setTimeout(() => socket.destroy(), closeMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
