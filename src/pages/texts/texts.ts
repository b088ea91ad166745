import type { RefusalCode } from '../../domain/errors.ts'
import type { es } from './es.ts'

/** What a page can say. A language that misses one does not compile. */
export type TextKey = keyof typeof es

export type Texts = Readonly<Record<TextKey, string>>

/** One sentence for each refusal: a code that is added to the registry needs its sentence in every language. */
export type RefusalTexts = Readonly<Record<RefusalCode, string>>
