import { describe, expect, test } from 'vitest'
import { slowdown } from '../../../test/support/slowdown.ts'
import { readCommand } from './command.ts'
import { type Command, commandWords, greetingWords, languageWords, politeWords } from './command-words.ts'
import { foldWords } from './fold-words.ts'

/** Spellings as people type them; those of one line mean the same. */
const spellings: readonly [command: Command, ...texts: string[]][] = [
  [
    'forget',
    'olvidar',
    'Olvidar',
    'OLVIDAR',
    '  olvidar  ',
    'olvidar.',
    '¡Olvidar!',
    '*olvidar*',
    '/olvidar',
    'olvídame',
    'olvidame',
  ],
  [
    'forget',
    'Olvidáme',
    'olvidá',
    'olvida mi número',
    'borrar mi número',
    'Borrá mi numero 🙏',
    'olvidarrrr',
    'Ｏｌｖｉｄａｒ',
    '𝗼𝗹𝘃𝗶𝗱𝗮𝗿',
  ],
  [
    'forget',
    'hola, olvidar',
    'quiero olvidar por favor',
    'olvidar, gracias',
    '\u202eolvidar\u202c',
    'ol\u00advidar',
    'olvi\u200bdar',
    'o\u0301lvidar',
  ],
  [
    'forget',
    'esquecer',
    'ESQUEÇA',
    'esqueca',
    'me esqueça',
    'Esqueça-me',
    'esquecer meu número',
    'quero esquecer',
    'apagar meu número',
  ],
  [
    'forget',
    'forget',
    'Forget me!',
    'forget my number',
    'please forget me',
    'log out',
    'cerrar sesión',
    'I want to forget',
  ],
  [
    'forget_everybody',
    'olvidar a todos',
    'Olvidá a todos',
    'olvidar todos',
    'esquecer todos',
    'Esqueça todos!',
    'forget everybody',
    'forget everyone',
  ],
  [
    'erase',
    'borrar mis datos',
    'Borrá mis datos',
    'quiero borrar mis datos',
    'eliminar mis datos',
    'apagar meus dados',
    'excluir meus dados',
    'delete my data',
  ],
  [
    'help',
    'ayuda',
    '¡AYUDA!',
    'ajuda',
    'help',
    '?',
    '¿?',
    '???',
    ' ？ ',
    'menú',
    'necesito ayuda',
    'opções',
    'me ajuda',
  ],
  [
    'people',
    'asesor',
    'un asesor',
    'humano',
    'atendente',
    'falar com um atendente',
    'hablar con una persona',
    'agente',
    'operador',
    'human',
    'talk to a human',
  ],
  [
    'silence',
    'BAJA',
    'baja',
    'Baja.',
    'darme de baja',
    'SAIR',
    'sair',
    'STOP',
    'stop!',
    'Unsubscribe',
    'descadastrar',
  ],
  ['unsilence', 'ALTA', 'alta', 'VOLTAR', 'START', 'start'],
  [
    'someone_else',
    'soy otra persona',
    'Soy otra persona.',
    'sou outra pessoa',
    'Outra pessoa',
    'someone else',
    "I'm someone else",
    'I’m someone else',
    'no soy yo',
    'não sou eu',
  ],
  ['sign_in', 'entrar', 'Entrar', 'login', 'log in', 'iniciar sesión', 'quero entrar', 'acessar'],
  ['not_me', 'no fui yo', 'No fui yo!!', 'NÃO FUI EU', "it wasn't me", 'not me'],
  [
    'language',
    'español',
    'en español',
    'Português',
    'em português',
    'English',
    'in English please',
    'inglês',
  ],
  [
    'greeting',
    'hola',
    'Hola!',
    'HOLAAAA',
    'hola 👋',
    '¡Hola, buenas tardes!',
    'buenas',
    'hola que tal cómo estás',
    'buen día',
    'buenos días',
  ],
  [
    'greeting',
    'oi',
    'Oi, tudo bem?',
    'olá',
    'bom dia',
    'boa noite',
    'e aí',
    'oiii',
    'hello',
    'Hi!',
    'hey',
    'good morning',
    'hi there',
  ],
]

describe('a command', () => {
  const each = spellings.flatMap(([command, ...texts]) => texts.map((text) => [text, command] as const))
  test.each(each)('%j is %s', (text, command) => {
    expect(readCommand(text)?.command).toBe(command)
  })

  const every = Object.entries(commandWords).flatMap(([command, words]) =>
    Object.values(words).flatMap((phrases) => phrases.split('|').map((phrase) => [command, phrase] as const)),
  )
  test('each of its words is read, bare and with politeness around it', () => {
    for (const [command, phrase] of every.filter(([, one]) => one !== '')) {
      expect([phrase, readCommand(phrase)?.command]).toEqual([phrase, command])
      const polite = `Hola! Por favor, ${phrase.toUpperCase()}... gracias 🙏`
      expect([polite, readCommand(polite)?.command]).toEqual([polite, command])
    }
  })

  test('no words stand for two commands, and all are written as they are compared', () => {
    const all = [
      ...every.map(([, phrase]) => phrase),
      ...Object.values(languageWords).flatMap((words) => words.split('|')),
    ]
    const phrases = all.filter((phrase) => phrase !== '')
    expect(phrases.filter((phrase, at) => phrases.indexOf(phrase) !== at)).toEqual([])
    const others = [...Object.values(greetingWords), ...Object.values(politeWords)].flatMap((words) =>
      words.split('|'),
    )
    for (const phrase of [...phrases, ...others]) expect(foldWords(phrase).join(' ')).toBe(phrase)
  })
})

test.each([
  'quiero olvidar mi turno de mañana',
  'no quiero olvidar',
  'olvidé mi contraseña',
  'olvidé',
  'Olvidé!',
  'esqueci',
  'me olvidé de pagar',
  'no olvidar',
  'forget it, what are your opening hours?',
  '¿cómo hago para borrar mis datos de la factura?',
  'necesito ayuda con mi factura',
  'el asesor me dijo que viniera',
  'baja presión',
  'me quiero dar de baja del gimnasio',
  'dónde puedo entrar',
  'soy otra persona que no tiene turno',
  'hola, quiero saber mi saldo',
  'hola juan',
  'oi, qual o valor?',
  '12345678',
  'ok',
  '',
  ' ',
  '👍',
  '…',
  'olvidar '.repeat(30),
])('%j is no command', (text) => {
  expect(readCommand(text)).toBeUndefined()
})

test.each([
  ['hola', 'es'],
  ['oi', 'pt-BR'],
  ['hey, good morning', 'en'],
  ['olvidar', 'es'],
  ['esquecer', 'pt-BR'],
  ['Oi! login', 'pt-BR'],
  ['stop', undefined],
  ['login', undefined],
  ['?', undefined],
  ['em inglês', 'en'],
  ['en portugués', 'pt-BR'],
])('%j tells the language %s', (text, locale) => {
  expect(readCommand(text)?.locale).toBe(locale)
})

test('is read in time that is bounded, however long and strange the text', async () => {
  const strange = [
    'a',
    ' ',
    'é',
    '?',
    '¿ ',
    'hola ',
    'por favor ',
    '\u0301',
    '\ufdfa',
    '\u202e',
    '👨‍👩‍👧‍👦',
    '\ud800',
    'quiero ',
    '. ',
  ]
  const of = (piece: string, length: number) => piece.repeat(length).slice(0, length)
  for (const piece of strange) {
    // Four times as much at the longest that is looked at: what is quadratic would take sixteen times as long.
    const inWords = await slowdown(readCommand, { short: of(piece, 50), long: of(piece, 200), runs: 100 })
    const inLength = await slowdown(readCommand, {
      ...{ short: of(piece, 1000), long: of(piece, 1_000_000) },
      runs: 500,
    })
    expect([piece, inWords < 12, inWords]).toEqual([piece, true, inWords])
    expect([piece, inLength < 20, inLength]).toEqual([piece, true, inLength])
  }
})
