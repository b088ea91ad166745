/** The languages of everything that a person reads. */
export const locales = ['es', 'pt-BR', 'en'] as const

export type Locale = (typeof locales)[number]
