import { createHmac, type KeyObject } from 'node:crypto'

/** By what a row knows which documents were tried, and tells nothing without the key: there are too few documents for a plain hash. */
export function documentProof(key: KeyObject, document: string): Buffer {
  return createHmac('sha256', key).update(`document\0${document}`).digest()
}
