/** The languages of everything that a person reads. */
export const locales = ['es', 'pt-BR', 'en'] as const

export type Locale = (typeof locales)[number]

/** How numbers and times are written in them, in BCP 47: in Spanish as people in Argentina do. */
export const formatLocales: Readonly<Record<Locale, string>> = { es: 'es-AR', 'pt-BR': 'pt-BR', en: 'en' }
