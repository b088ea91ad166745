import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { messageKeys } from '../domain/conversation/message.ts'
import { locales } from '../domain/locale.ts'
import { type ReplySettings, renderReply } from './render-reply.ts'
import { en } from './texts/en.ts'
import { es } from './texts/es.ts'
import { ptBR } from './texts/pt-BR.ts'

const settings: ReplySettings = {
  ...{ brand: 'Instituto Sur', privacyUrl: 'https://sur.example/datos', contact: undefined },
  ...{ signInUrl: undefined, documents: ['dni'] },
}
const buttons = (...people: (string | undefined)[]) =>
  people.map((person, at) => ({ id: `n.who.${at + 1}`, label: { person, number: at + 1 } }))

describe.each(locales)('in %s', (locale) => {
  const texts = { es, 'pt-BR': ptBR, en }[locale]

  test('every message has words for a stranger and for somebody by name, with nothing left open', () => {
    for (const key of messageKeys) {
      for (const name of [undefined, 'Zoë']) {
        for (const people of [undefined, ['A', undefined]]) {
          const browser = { userAgent: undefined, address: '10.0.0.1' }
          const message = { key, name, browser, ...(people && { people }) }
          const { text } = renderReply({ ...settings, privacyUrl: undefined }, locale, message)
          expect([key, text.length > 10, /[{}]|undefined| {2}| [.,!?]/.test(text)]).toEqual([
            key,
            true,
            false,
          ])
        }
      }
    }
  })

  test('no text asks for a value that is not there, and all of them are ICU', () => {
    for (const text of Object.values(texts))
      new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
    expect(Object.keys(texts)).toEqual(Object.keys(es))
  })

  test('what a text tells people to write is a command', async () => {
    const { readCommand } = await import('../domain/conversation/command.ts')
    const quoted = Object.values(texts).flatMap((text) =>
      [...text.matchAll(/"([^"]+)"/g)].map(([, word]) => word!),
    )
    expect(quoted.length).toBeGreaterThan(15)
    expect(quoted.filter((word) => readCommand(word) === undefined)).toEqual([])
  })
})

test('the texts of the seed are said to the letter', () => {
  const say = (key: (typeof messageKeys)[number], name?: string) =>
    renderReply(settings, 'es', { key, name }).text
  expect(say('ask_document')).toBe('¡Hola! Para ayudarte necesito que me pases tu DNI (solo números).')
  expect(say('recognised', 'Juan')).toBe('¡Perfecto, Juan! Ya te reconocí. ¿En qué te puedo ayudar hoy?')
  expect(say('welcome_back', 'Juan')).toBe('¡Hola de nuevo, Juan! 👋 ¿En qué te puedo ayudar hoy?')
  expect(say('forgotten')).toBe(
    'He olvidado tu información. \u{1f6e1}\ufe0f\nLa próxima vez te pediré tu DNI nuevamente.',
  )
})

test('a name from a table is never more than a name', () => {
  const said = (name: string) => renderReply(settings, 'es', { key: 'recognised', name }).text
  const rest = 'Ya te reconocí. ¿En qué te puedo ayudar hoy?'
  expect(said('Ju\u202ean\r\n*Pérez*')).toBe(`¡Perfecto, Juan Pérez! ${rest}`)
  expect(said('<b>{brand}</b>')).toBe(`¡Perfecto, <b>{brand}</b>! ${rest}`)
  expect(said(' \u200b ')).toBe(`¡Perfecto! ${rest}`)
  expect(said('yes')).toBe(`¡Perfecto, yes! ${rest}`)
  expect(said('x'.repeat(100_000))).toBe(`¡Perfecto, ${'x'.repeat(39)}…! ${rest}`)
})

test('buttons read differently, in twenty signs at most, and never end in half a sign', () => {
  const reply = renderReply(settings, 'es', {
    key: 'ask_who',
    buttons: [
      ...buttons('Maximiliano Alejandro José', 'Maximiliano Alejandro Juan'),
      ...buttons(undefined).slice(0, 1),
    ],
  })
  expect(reply.buttons.map(({ title }) => title)).toEqual([
    'Maximiliano Alejand…',
    'Maximiliano Ale… (2)',
    'Persona 1',
  ])
  const emoji = renderReply(settings, 'es', { key: 'ask_who', buttons: buttons('👩🏽'.repeat(20)) })
    .buttons[0]!
  expect(emoji.title).toBe(`${'👩🏽'.repeat(4)}…`)
  expect(Math.max(...reply.buttons.map(({ title }) => title.length))).toBeLessThanOrEqual(20)
})

test('the wish for the contact goes along, and only where there is one', () => {
  expect(renderReply(settings, 'en', { key: 'ask_contact', asksFor: 'contact' }).asksFor).toBe('contact')
  expect(renderReply(settings, 'en', { key: 'help' })).not.toHaveProperty('asksFor')
})

test('the first message says where data protection is explained, if anywhere', () => {
  const first = { key: 'help', isFirst: true } as const
  expect(renderReply(settings, 'pt-BR', first).text).toMatch(
    /\n\nComo cuidamos dos seus dados: https:\/\/sur\.example\/datos$/,
  )
  expect(renderReply({ ...settings, privacyUrl: undefined }, 'pt-BR', first).text).not.toContain('cuidamos')
  expect(renderReply(settings, 'pt-BR', { key: 'help' }).text).not.toContain('cuidamos')
})

test('asks for the documents that are configured, by name, and for digits only where there are no letters', () => {
  const legajo = { name: 'Legajo', pattern: '\\w+', example: 'LU-1', normalise: 'upper' } as const
  const ask = (...documents: ReplySettings['documents']) =>
    renderReply({ ...settings, documents }, 'es', { key: 'ask_document' }).text
  expect(ask('cpf', 'dni')).toBe('¡Hola! Para ayudarte necesito que me pases tu CPF o DNI (solo números).')
  expect(ask('dni', legajo)).toBe('¡Hola! Para ayudarte necesito que me pases tu DNI o Legajo.')
})
