import type { DocumentKind } from './document-kind.ts'
import { nameOfKind } from './document-kind.ts'
import { readCpf } from './read-cpf.ts'
import { readCuil, readDni } from './read-dni.ts'
import { readOther } from './read-other.ts'
import type { Reading, UnreadReason } from './reading.ts'

export type { UnreadReason }

/** A document as it is compared with what stands in the people table. */
export type ParsedDocument = {
  /** `dni`, `cpf`, or the name of a configured kind. */
  readonly kind: string
  /** Canonical: a DNI without leading zeros, eleven digits of a CPF, digits or capitals of another kind; no punctuation. */
  readonly value: string
  /** Whether a CUIL was given, and this is the DNI in it. */
  readonly isFromCuil: boolean
}

/** What was written instead, measured by the kind that it came nearest to. */
export type UnreadDocument = { readonly kind: string; readonly reason: UnreadReason }

/** Longer than any document with its words and punctuation. */
const typedLengthMax = 60

const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g
const dashes = /[\u2010-\u2015\u2212]/g

/**
 * A document as somebody typed it into a chat, read as one of the kinds that were asked for; it is never guessed at. A document of an
 * asked kind comes before a CUIL that is given in the place of a DNI, since some numbers can be either.
 */
export function parseDocument(
  typed: string,
  asked: readonly [DocumentKind, ...DocumentKind[]],
): ParsedDocument | UnreadDocument {
  const text = plain(typed)
  const readings = asked.map((kind) => ({ kind: nameOfKind(kind), ...readAs(kind, text) }))
  for (const reading of readings) {
    if ('value' in reading) return { ...reading, isFromCuil: false }
  }
  if (asked.includes('dni')) {
    const cuil = readCuil(text)
    if ('value' in cuil) return { kind: 'dni', value: cuil.value, isFromCuil: true }
  }
  const unread = readings as UnreadDocument[]
  return tellingFirst.map((reason) => unread.find((one) => one.reason === reason)).find(Boolean) ?? unread[0]!
}

/** The reasons that say most about a text, whatever the order of the kinds. */
const tellingFirst: readonly UnreadReason[] = ['looks_like_phone', 'bad_check_digit', 'too_long', 'too_short']

function readAs(kind: DocumentKind, text: string): Reading {
  if (text === '' || text.length > typedLengthMax) return { reason: 'not_a_document' }
  if (kind === 'dni') return readDni(text)
  return kind === 'cpf' ? readCpf(text) : readOther(kind, text)
}

/** Full-width digits, dashes and marks of direction as other keyboards make them. */
function plain(typed: string): string {
  if (typed.length > 10 * typedLengthMax) return ''
  return typed.normalize('NFKC').replace(invisible, '').replace(dashes, '-').replace(/\s+/gu, ' ').trim()
}
