import { aboutMark } from '../domain/conversation/button.ts'
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

const linkedElsewhere: Readonly<Record<Locale, string>> = {
  es: 'Recién alguien escribió tu documento desde otro teléfono, para que ahí también te reconozca. Si fuiste vos, no hace falta que hagas nada. Si no, respondé "no fui yo".',
  'pt-BR':
    'Alguém acabou de escrever o seu documento em outro telefone, para ser reconhecido como você por lá. Se foi você, não precisa fazer nada. Se não, responda "não fui eu".',
  en: 'Somebody has just typed your document on another phone, to be recognised as you there. If it was you, there is nothing to do. If not, answer "it wasn\'t me".',
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

/** What the other phones of a person are told when somebody types that person's document. */
export function linkedElsewhereNotice(locale: Locale, personId: string): Reply {
  // Pressed however late, it counts as the words, about the person whose document it was: nothing ties it to a moment of the
  // conversation, nor to who has the word on that phone.
  const id = `${aboutMark(personId)}.do.not_me`
  return { text: linkedElsewhere[locale], buttons: [{ id, title: notMe[locale] }] }
}

/** What a phone is told when the operator has said that it is this person's. */
export function approvedNotice(locale: Locale): Reply {
  return { text: approved[locale], buttons: [] }
}
