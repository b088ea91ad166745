import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Whether the client is too slow by now; asked again and again with a `nowMs` that never goes back. */
export type Watch = (nowMs: number) => boolean

/** For how long a client may neither send what it announced nor read what it asked for, in ms: what nginx allows, too. */
export const defaultPatienceMs = 60_000

/** Slower than the slowest modem: whoever drips bytes is holding a connection to the app. */
const uploadBytesPerSecondMin = 500

/**
 * Watches an upload until it is complete: too slow is nothing for `patienceMs`, or on average less than 500 bytes a second
 * over as long. Time in which the app does not take what has arrived is nobody's fault, and does not count.
 */
export function watchUpload(req: IncomingMessage, patienceMs: number, nowMs: number): Watch {
  const { socket } = req
  const bytesMin = (uploadBytesPerSecondMin * patienceMs) / 1000
  let windowAt = nowMs
  let windowBytes = socket.bytesRead
  let movedAt = nowMs
  let movedBytes = windowBytes
  return (ms) => {
    if (req.complete) return false
    const bytes = socket.bytesRead
    const isHeldUp = req.isPaused()
    if (isHeldUp || bytes !== movedBytes) {
      movedAt = ms
      movedBytes = bytes
    }
    if (isHeldUp || (ms - windowAt >= patienceMs && bytes - windowBytes >= bytesMin)) {
      windowAt = ms
      windowBytes = bytes
    }
    return ms - movedAt >= patienceMs || ms - windowAt >= patienceMs
  }
}

/** Watches somebody for whom bytes are waiting: too slow is who has taken none of them for `patienceMs`. */
export function watchReader(socket: Socket, patienceMs: number, nowMs: number): Watch {
  let movedAt = nowMs
  let taken = takenBy(socket)
  return (ms) => {
    const now = takenBy(socket)
    if (now !== taken) {
      movedAt = ms
      taken = now
    }
    return ms - movedAt >= patienceMs
  }
}

function takenBy({ bytesWritten, writableLength }: Socket): number {
  return bytesWritten - writableLength
}
