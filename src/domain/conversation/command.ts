import type { Locale } from '../locale.ts'
import { type Command, commandWords, greetingWords, languageWords, politeWords } from './command-words.ts'
import { foldWords } from './fold-words.ts'

/** A message that is a command and nothing else. */
export type ReadCommand = {
  readonly command: Command
  /** The language that its words are of; undefined where they are of several. */
  readonly locale: Locale | undefined
  /** Whom it is about, by id, where a button said so. */
  readonly about?: string
  /** What the button carried that was pressed; undefined where it was written. */
  readonly mark?: string
}

/** A command with politeness around it is no longer than this; anything longer means something else as well. */
const wordsMax = 14

/** The longest greeting, in words. */
const greetingMax = 3

/**
 * The command that a message is, in any of the three languages, whatever its capitals, accents, punctuation or emoji; with a
 * greeting or a kind word around it. Undefined for everything else, sentences that contain a command among them. A `language`
 * is the one that was asked for. Bounded in time, however long the text.
 */
export function readCommand(text: string): ReadCommand | undefined {
  const words = foldWords(text)
  if (words.length === 0) return isQuestionMark(text) ? { command: 'help', locale: undefined } : undefined
  if (words.length > wordsMax) return undefined
  const greeting = readGreeting(words)
  if (greeting.rest.length === 0) return { command: 'greeting', locale: greeting.locale }
  const found = findCommand(words) ?? findCommand(greeting.rest)
  return found && { ...found, locale: found.locale ?? greeting.locale }
}

/** Looks the words up as they are, then with ever more of the polite ones at either end taken off. */
function findCommand(words: readonly string[]): ReadCommand | undefined {
  for (
    let start: readonly string[] | undefined = words;
    start;
    start = withoutPhrase(start, before, 'before')
  ) {
    for (let rest: readonly string[] | undefined = start; rest; rest = withoutPhrase(rest, after, 'after')) {
      const found = byWords.get(rest.join(' '))
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Takes greetings off the front. */
function readGreeting(words: readonly string[]): { rest: readonly string[]; locale: Locale | undefined } {
  let rest = words
  let locale: Locale | undefined
  while (rest.length > 0) {
    const length = phraseLength(rest, (phrase) => greetings.has(phrase))
    if (length === 0) break
    locale ??= greetings.get(rest.slice(0, length).join(' '))
    rest = rest.slice(length)
  }
  return { rest, locale }
}

function withoutPhrase(
  words: readonly string[],
  phrases: ReadonlySet<string>,
  end: 'before' | 'after',
): readonly string[] | undefined {
  for (let length = Math.min(greetingMax, words.length - 1); length > 0; length--) {
    const phrase = end === 'before' ? words.slice(0, length) : words.slice(-length)
    if (!phrases.has(phrase.join(' '))) continue
    return end === 'before' ? words.slice(length) : words.slice(0, -length)
  }
  return undefined
}

function phraseLength(words: readonly string[], isPhrase: (phrase: string) => boolean): number {
  for (let length = Math.min(greetingMax, words.length); length > 0; length--)
    if (isPhrase(words.slice(0, length).join(' '))) return length
  return 0
}

/** A message of nothing but question marks; the strip is bounded because words were looked for first. */
function isQuestionMark(text: string): boolean {
  return text.length <= 20 && /^[\s¿?？]*[?？][\s¿?？]*$/u.test(text)
}

function split(phrases: string): string[] {
  return phrases.split('|').filter((phrase) => phrase !== '')
}

function localeOfKey(key: string): Locale | undefined {
  return key === 'any' ? undefined : (key as Locale)
}

const before: ReadonlySet<string> = new Set(split(politeWords.before))
const after: ReadonlySet<string> = new Set(split(politeWords.after))

const greetings: ReadonlyMap<string, Locale | undefined> = new Map(
  Object.entries(greetingWords).flatMap(([key, phrases]) =>
    split(phrases).map((phrase) => [phrase, localeOfKey(key)] as const),
  ),
)

const byWords: ReadonlyMap<string, ReadCommand> = new Map([
  ...Object.entries(commandWords).flatMap(([command, words]) =>
    Object.entries(words).flatMap(([key, phrases]) =>
      split(phrases).map(
        (phrase) => [phrase, { command: command as Command, locale: localeOfKey(key) }] as const,
      ),
    ),
  ),
  ...Object.entries(languageWords).flatMap(([locale, phrases]) =>
    split(phrases).map(
      (phrase) => [phrase, { command: 'language' as const, locale: locale as Locale }] as const,
    ),
  ),
])
