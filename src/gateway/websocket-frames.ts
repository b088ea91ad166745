const smallLengthMax = 125
const continues16 = 126
const continues64 = 127

/**
 * Follows the frames that an upstream sends (RFC 6455 §5.2: unmasked) without looking into them, so that a close frame
 * of ours can be put between two of them and never into one.
 */
export class FrameBoundaries {
  /** Bytes of the current frame's payload still to come. */
  #payloadLeft = 0
  /** Length bytes of the current header still to come, and the length read so far. */
  #lengthLeft = 0
  #length = 0
  #isInHeader = false

  /** Whether everything seen so far is whole frames. */
  get isAtBoundary(): boolean {
    return this.#payloadLeft === 0 && this.#lengthLeft === 0 && !this.#isInHeader
  }

  pass(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= skipped
        at += skipped
      } else if (this.#lengthLeft > 0) {
        this.#length = this.#length * 256 + chunk[at++]!
        if (--this.#lengthLeft === 0) this.#payloadLeft = this.#length
      } else if (this.#isInHeader) {
        this.#readLength(chunk[at++]! & 0x7f)
      } else {
        this.#isInHeader = true
        at++
      }
    }
  }

  #readLength(length: number): void {
    this.#isInHeader = false
    this.#length = 0
    if (length <= smallLengthMax) this.#payloadLeft = length
    else this.#lengthLeft = length === continues16 ? 2 : length === continues64 ? 8 : 0
  }
}

/** A close frame as a server sends it, with a code of RFC 6455 §7.4.1 and a short reason. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason)
  const frame = Buffer.alloc(4 + text.length)
  frame[0] = 0x88
  frame[1] = 2 + text.length
  frame.writeUInt16BE(code, 2)
  text.copy(frame, 4)
  return frame
}
