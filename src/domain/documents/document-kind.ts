import { z } from 'zod'

/** Documents whose rules Portero knows: Argentina's DNI and Brazil's CPF. */
export const knownDocuments = ['dni', 'cpf'] as const

const otherDocument = z.strictObject({
  name: z.string().min(1).max(40).meta({ description: 'What people call it.' }),
  pattern: z.string().min(1).max(200).refine(isPattern).meta({
    description:
      'What it looks like once spaces, dots, hyphens and slashes are gone: a regular expression for the whole of it.',
  }),
  example: z.string().min(1).max(40).meta({ description: 'One that people are shown.' }),
  normalise: z.enum(['digits', 'upper']).meta({
    description: 'What of it counts: its digits alone, or letters too, small or capital.',
  }),
})

/** A kind of document that the bot asks for: one that Portero knows, or one that the operator describes. */
export const documentKind = z.union([z.enum(knownDocuments), otherDocument])

/** `bot.documents`: the kinds of documents that the bot asks for. */
export const documentKinds = z
  .tuple([documentKind], documentKind)
  .refine((kinds) => new Set(kinds.map((kind) => nameOfKind(kind).toLowerCase())).size === kinds.length)
  .default(['dni'])
  .meta({
    description:
      'Which documents the bot asks for. Those of another country are described in the file by name, pattern, example and ' +
      'normalise (digits or upper). A number that could be two of them is taken for the one that stands first.',
    allowed: 'a list of dni, cpf and descriptions, each once',
    examples: [
      ['dni', { name: 'cédula', pattern: '[VE]\\d{6,8}', example: 'V-12.345.678', normalise: 'upper' }],
    ],
  })

export type DocumentKind = z.output<typeof documentKind>
export type DocumentKinds = z.output<typeof documentKinds>
export type OtherDocument = z.output<typeof otherDocument>

/** The word for a kind: its name, or `dni`, `cpf`. */
export function nameOfKind(kind: DocumentKind): string {
  return typeof kind === 'string' ? kind : kind.name
}

/** The pattern of a described document, for all of a text. */
export function patternOf({ pattern }: { readonly pattern: string }): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'iu')
}

function isPattern(pattern: string): boolean {
  try {
    patternOf({ pattern })
    return true
  } catch {
    return false
  }
}
