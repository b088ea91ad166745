import type { Locale } from '../locale.ts'
import type { AppIdentity } from './app-accounts.ts'

const names: Record<Locale, string> = { es: 'Invitado', 'pt-BR': 'Convidado', en: 'Guest' }

/**
 * The account in the application that stands for everybody of whom it is not sure who they are: an ordinary one of Portero's own,
 * in no group, which says nothing of who asks. Nobody may be joined to its address.
 */
export function guestIdentity(email: string, locale: Locale): AppIdentity {
  return { email, name: names[locale], role: 'user', groups: [] }
}
