import type { Locale } from '../domain/locale.ts'
import { accentOf } from './accent.ts'
import { styleSheet } from './style-sheet.ts'

/** How the organisation wants its door to look and whom people may ask. */
export type BrandConfig = {
  /** What the person signs in to: "Universidad del Sur". */
  readonly name: string
  /** Accent, `#rrggbb`; a deep green-blue when not given. */
  readonly color: string | undefined
  /** A `data:` URL or a path of this host. */
  readonly logo: string | undefined
  /** Whom to ask: an e-mail address, an https address, or words. */
  readonly contact: string | undefined
  readonly privacyUrl: string | undefined
}

export type Brand = BrandConfig & { readonly style: string }

/** Everything about a page that is not its content. */
export type Look = {
  readonly locale: Locale
  readonly brand: Brand
  /** `asked`: somebody asked for the demo by name, so others may reach it and every page warns. */
  readonly demo: { readonly on: boolean; readonly asked: boolean }
  /** Path and query of this page, without `lang`, for the links to the other languages; undefined where none make sense. */
  readonly here: string | undefined
}

/** The brand with its style sheet, made once at the start. */
export function brandOf(config: BrandConfig): Brand {
  return { ...config, style: styleSheet(accentOf(config.color)) }
}
