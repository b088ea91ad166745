import type { Reply } from '../domain/conversation/turn.ts'
import type { Locale } from '../domain/locale.ts'

const tooMany: Readonly<Record<Locale, string>> = {
  es: 'Llegaron muchos mensajes juntos. Escribime de nuevo en un minuto.',
  'pt-BR': 'Chegaram muitas mensagens de uma vez. Escreva de novo daqui a um minuto.',
  en: 'Many messages came at once. Write again in a minute.',
}

const apologies: Readonly<Record<Locale, string>> = {
  es: 'Perdón, ahora no puedo responder eso. Probá de nuevo en un rato.',
  'pt-BR': 'Desculpe, não consigo responder isso agora. Tente de novo daqui a pouco.',
  en: 'Sorry, I cannot answer that just now. Try again in a while.',
}

const approved: Readonly<Record<Locale, string>> = {
  es: '¡Listo! Ya te reconozco. ¿En qué te puedo ayudar? Para entrar en la web, escribí "entrar".',
  'pt-BR': 'Pronto! Já reconheço você. Em que posso ajudar? Para entrar no site, escreva "entrar".',
  en: 'Done! I recognise you now. How can I help? To sign in on the web, write "sign in".',
}

/** What the button says of whoever did not do it. */
export const notMe: Readonly<Record<Locale, string>> = {
  es: 'No fui yo',
  'pt-BR': 'Não fui eu',
  en: "It wasn't me",
}

/** What a chat is told that writes too much. */
export function tooManyNotice(locale: Locale): Reply {
  return { text: tooMany[locale], buttons: [] }
}

/** What somebody is told whose question got no answer. */
export function apology(locale: Locale): Reply {
  return { text: apologies[locale], buttons: [] }
}

/** What a phone is told when the operator has said that it is this person's. */
export function approvedNotice(locale: Locale): Reply {
  return { text: approved[locale], buttons: [] }
}
