import { type OtherDocument, patternOf } from './document-kind.ts'
import type { Reading } from './reading.ts'

/** A document as the operator describes it, spaces, dots, hyphens and slashes aside. */
export function readOther(kind: OtherDocument, text: string): Reading {
  const bare = text.replace(/[\s./-]/gu, '')
  if (patternOf(kind).test(bare)) return { value: canonicalOf(kind, bare) }
  if (!/\d/.test(bare)) return { reason: 'not_a_document' }
  if (/^(?:\+|00)\d{8,15}$/.test(bare)) return { reason: 'looks_like_phone' }
  const wanted = kind.example.replace(/[\s./-]/gu, '').length
  if (bare.length === wanted) return { reason: 'not_a_document' }
  return { reason: bare.length < wanted ? 'too_short' : 'too_long' }
}

function canonicalOf(kind: OtherDocument, bare: string): string {
  return kind.normalise === 'digits' ? bare.replace(/\D/g, '') : bare.toUpperCase()
}
