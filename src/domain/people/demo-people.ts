import { canonicalPhone, type PhoneNumber } from '../phones/phone-number.ts'

/** Somebody whom the demo knows; nobody real. */
export type DemoPerson = {
  readonly firstName: string
  readonly lastName: string
  /** In its canonical form, digits alone. */
  readonly document: string
  /** A phone that is theirs on record. */
  readonly phone?: PhoneNumber
}

/** One phone, and three people who use it. */
export const familyPhone = canonicalPhone('+5491123456700')

/** The people on record in the demo: two to try the bot with by their documents, and a family on one phone. */
export const demoPeople: readonly DemoPerson[] = [
  { firstName: 'Juan', lastName: 'Pérez', document: '12345678' },
  { firstName: 'Ana', lastName: 'Souza', document: '27654321' },
  { firstName: 'Marta', lastName: 'Gómez', document: '20111222', phone: familyPhone },
  { firstName: 'Luis', lastName: 'Gómez', document: '20333444', phone: familyPhone },
  { firstName: 'Sofía', lastName: 'Gómez', document: '45555666', phone: familyPhone },
]
