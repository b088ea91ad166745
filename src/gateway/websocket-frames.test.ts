import fc from 'fast-check'
import { expect, it } from 'vitest'
import { closeFrame, FrameBoundaries } from './websocket-frames.ts'

function frame(length: number): Buffer {
  if (length < 126) return Buffer.concat([Buffer.from([0x82, length]), Buffer.alloc(length, 0x88)])
  const head = length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = 0x82
  head[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, Buffer.alloc(length, 0x88)])
}

it('is at a boundary exactly between frames, however the bytes are cut', () => {
  const lengths = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 30 }), (sizes, cuts) => {
      const frames = sizes.map(frame)
      const bytes = Buffer.concat(frames)
      const ends = new Set<number>([0])
      let end = 0
      for (const { length } of frames) {
        end += length
        ends.add(end)
      }
      const boundaries = new FrameBoundaries()
      let at = 0
      for (const cut of [...cuts, bytes.length]) {
        boundaries.pass(bytes.subarray(at, at + cut))
        at = Math.min(at + cut, bytes.length)
        expect(boundaries.isAtBoundary).toBe(ends.has(at))
      }
    }),
  )
})

it('writes a close frame', () => {
  expect(closeFrame(1008, 'no').toString('hex')).toBe('880403f06e6f')
})
