import type { Locale } from '../domain/locale.ts'

/** A template that the provider approved, and the languages in which it has it. */
export type NoticeTemplate = { readonly name: string; readonly languages: readonly string[] }

/** The language in which a template is sent. */
export function languageOf({ languages }: NoticeTemplate, locale: Locale): string {
  return languages.find((one) => one.split('_')[0] === locale.split('-')[0]) ?? languages[0]!
}
