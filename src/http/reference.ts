/** Crockford's base 32: no I, L, O or U, so that a reference survives being read out over the phone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const bytesPerReference = 5
const bytesPerDraw = 4000

/**
 * Makes short references (8 characters, 40 bits) that stand both in an answer and in the log, so that one is found by the
 * other. Random bytes are drawn in bulk: a refused request should cost little.
 */
export function referenceMaker(randomBytes: (size: number) => Uint8Array): () => string {
  let pool: Uint8Array = new Uint8Array(0)
  let next = 0
  return () => {
    if (next + bytesPerReference > pool.length) {
      pool = randomBytes(bytesPerDraw)
      next = 0
    }
    const high = (pool[next]! << 12) | (pool[next + 1]! << 4) | (pool[next + 2]! >> 4)
    const low = ((pool[next + 2]! & 15) << 16) | (pool[next + 3]! << 8) | pool[next + 4]!
    next += bytesPerReference
    return fourLetters(high) + fourLetters(low)
  }
}

function fourLetters(bits: number): string {
  return (
    alphabet[bits >> 15]! + alphabet[(bits >> 10) & 31]! + alphabet[(bits >> 5) & 31]! + alphabet[bits & 31]!
  )
}

/** The reference of one request: the same however often it is asked for, so that answer and access log name the same. */
export function requestReferences(newReference: () => string): (request: object) => string {
  const given = new WeakMap<object, string>()
  return (request) => {
    let reference = given.get(request)
    if (reference === undefined) {
      reference = newReference()
      given.set(request, reference)
    }
    return reference
  }
}
