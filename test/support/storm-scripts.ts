import type { GraphApi } from './graph-api.ts'
import type { MetaChange } from './meta-webhooks.ts'
import type { StoryPerson } from './people-in-memory.ts'
import type { Chance } from './seeded-chance.ts'

/** One thing that a phone writes. */
export type StormMessage = {
  readonly id: string
  readonly phone: string
  readonly text: string
  readonly at: Date
  readonly change: MetaChange
}

/** A phone of the storm, the two people who share it, and what they write, in order. */
export type StormPhone = {
  readonly phone: string
  readonly people: readonly StoryPerson[]
  readonly messages: readonly StormMessage[]
}

/** Of nobody. */
const wrongDocument = '99999999'

/** How often each word falls among a hundred; the documents are those of the phone's two people. */
const words: readonly (readonly [weight: number, text: string])[] = [
  ...([
    [22, 'Hola'],
    [17, 'document of the first'],
    [13, 'document of the second'],
    [10, 'olvidar'],
    [4, 'olvidar a todos'],
    [10, 'soy otra persona'],
    [5, '1'],
    [3, 'Beto'],
    [6, '¿A qué hora abren? 😀'],
    [2, wrongDocument],
    [2, 'a voice message'],
    [2, 'ayuda'],
    [2, 'BAJA'],
    [1, 'ALTA'],
    [1, 'asesor'],
  ] as const),
]
const urn = words.flatMap(([weight, text]) => Array<string>(weight).fill(text))

/**
 * Phones with their stories: a second between one message and the next, or none. Each story moves who is remembered to and fro, so
 * that another order, a message left out or one worked on twice gives other answers.
 */
export function stormPhones(graph: GraphApi, chance: Chance, count: number, each: number): StormPhone[] {
  const beginsAt = Date.now() - (each + 5) * 1000
  return Array.from({ length: count }, (_, number) => {
    const waId = `549112345${String(number).padStart(4, '0')}`
    const ids = [1, 2].map(
      (place) => `00000000-0000-4000-8000-${String(number * 2 + place).padStart(12, '0')}`,
    )
    const people = [
      { id: ids[0]!, name: 'Ana Pérez', document: String(30_000_000 + number) },
      { id: ids[1]!, name: 'Beto Pérez', document: String(40_000_000 + number) },
    ]
    const writer = graph.phone(waId, { name: '=HYPERLINK("x") \u202e<b>' })
    let at = beginsAt
    const messages = Array.from({ length: each }, (): StormMessage => {
      at += chance.below(4) === 0 ? 0 : 1000
      const word = chance.pick(urn)
      const place = ['document of the first', 'document of the second'].indexOf(word)
      const text = word === 'a voice message' ? '' : (people[place]?.document ?? word)
      const content = text === '' ? ['audio', { audio: { id: '1' } }] : ['text', { text: { body: text } }]
      const { id, change } = writer.message(
        content[0] as string,
        content[1] as object as Record<string, unknown>,
        at,
      )
      // As WhatsApp gives it: whole seconds.
      return { id, phone: `+${waId}`, text, at: new Date(Math.floor(at / 1000) * 1000), change }
    })
    return { phone: `+${waId}`, people, messages }
  })
}

/**
 * What is brought, webhook by webhook: each message one to three times, some later than what was written after them; many in one
 * webhook or few, and in no order inside it.
 */
export function stormWebhooks(phones: readonly StormPhone[], chance: Chance): StormMessage[][] {
  const copies = phones.flatMap(({ messages }) => {
    const beginsAt = chance.next() * messages.length
    return messages.flatMap((message, place) =>
      Array.from({ length: 1 + chance.below(3) }, (_, copy) => ({
        message,
        key: beginsAt + place + chance.next() * (copy === 0 ? 1.5 : 4),
      })),
    )
  })
  const queue = copies.toSorted((a, b) => a.key - b.key).map(({ message }) => message)
  const webhooks: StormMessage[][] = []
  while (queue.length > 0) {
    const size = chance.below(20) === 0 ? 150 : 1 + chance.below(16)
    const batch = queue.splice(0, size).map((message) => ({ message, key: chance.next() }))
    webhooks.push(batch.toSorted((a, b) => a.key - b.key).map(({ message }) => message))
  }
  return webhooks
}
