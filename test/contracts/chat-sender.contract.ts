import { describe, expect, test } from 'vitest'
import { type ChatSender, type SendFailure, sendFailures } from '../../src/domain/chat/chat-sender.ts'
import type { OutgoingReply } from '../../src/domain/chat/chat-store.ts'

/** How the other side behaves for the next send; after it, it accepts. */
export type SenderBehaviour =
  | { readonly kind: 'accepts' }
  | { readonly kind: 'fails'; readonly failure: SendFailure }
  /** The same, and says when to come back. */
  | { readonly kind: 'throttles'; readonly retryAfterSeconds: number }
  /** Takes the message, and never answers. */
  | { readonly kind: 'hangs' }
  /** Takes the message, and breaks the connection. */
  | { readonly kind: 'breaks' }
  /** Nobody listens there. */
  | { readonly kind: 'away' }
  /** Answers well, with nothing in it that could be understood. */
  | { readonly kind: 'garbage' }

/** One sender in front of a far side that the contract can steer and look into. */
export type OpenedSender = {
  readonly sender: ChatSender
  /** An address in this channel that takes replies. */
  readonly address: string
  /** The texts that arrived there, in order, and the titles of the buttons under each. */
  arrived(): readonly { readonly text: string; readonly titles: readonly string[] }[]
  /** How many requests reached the far side. */
  attempts(): number
  /** From now on, each is for one send. */
  behave(behaviour: SenderBehaviour): void
  /** Everything that was written to the log. */
  logged(): string
  /** What must not be found anywhere. */
  readonly secrets: readonly string[]
  close?(): Promise<void>
}

export type ChatSenderOptions = {
  /** Failures that this far side can bring about. */
  readonly failures: readonly SendFailure[]
  /** The longest text of one message. */
  readonly textMax: number
  readonly hasButtons: boolean
}

let made = 0

/** A reply as the store gives it out. */
export function sampleReply(
  { sender, address }: Pick<OpenedSender, 'sender' | 'address'>,
  reply: Partial<OutgoingReply['reply']> = {},
): OutgoingReply {
  made += 1
  const text = `Hola, esta es la respuesta ${made}.`
  return {
    id: `reply-${made}`,
    ...{ chatKey: `${sender.channel}:${address}`, channel: sender.channel, address, attempts: 0 },
    reply: { text, buttons: [], ...reply },
  }
}

/** What every sender of replies promises (domain/chat/chat-sender.ts), held against one of them. */
export function chatSenderContract(
  name: string,
  open: () => Promise<OpenedSender>,
  { failures, textMax, hasButtons }: ChatSenderOptions,
): void {
  const live = () => AbortSignal.timeout(10_000)

  async function using<Result>(use: (opened: OpenedSender) => Promise<Result>): Promise<Result> {
    const opened = await open()
    try {
      return await use(opened)
    } finally {
      await opened.close?.()
    }
  }

  describe(`${name} keeps the contract of chat senders`, () => {
    test('hands a reply over once, with an id of its own', () =>
      using(async (opened) => {
        const [one, other] = [sampleReply(opened), sampleReply(opened)]
        const first = await opened.sender.send(one, live())
        const second = await opened.sender.send(other, live())
        expect(first).toEqual({ sentAs: expect.stringMatching(/\S/) })
        expect(second).toEqual({ sentAs: expect.stringMatching(/\S/) })
        expect(first).not.toEqual(second)
        expect(opened.arrived().map(({ text }) => text)).toEqual([one.reply.text, other.reply.text])
        expect(opened.attempts()).toBe(2)
      }))

    test.each(failures)('answers %s after one attempt, and does not throw', (failure) =>
      using(async (opened) => {
        opened.behave({ kind: 'fails', failure })
        const reply = sampleReply(opened)
        expect(await opened.sender.send(reply, live())).toEqual({ failed: failure })
        expect(opened.attempts()).toBe(1)
        // The same reply may go out later: nothing of the failure stays.
        expect(await opened.sender.send(reply, live())).toHaveProperty('sentAs')
      }),
    )

    test('passes on when to come back', () =>
      using(async (opened) => {
        opened.behave({ kind: 'throttles', retryAfterSeconds: 40 })
        const result = await opened.sender.send(sampleReply(opened), live())
        expect(result).toEqual({ failed: 'rate_limited', retryAfterSeconds: 40 })
      }))

    test('sends nothing when it is stopped beforehand: unavailable', () =>
      using(async (opened) => {
        const result = await opened.sender.send(sampleReply(opened), AbortSignal.abort())
        expect(result).toEqual({ failed: 'unavailable' })
        expect(opened.attempts()).toBe(0)
      }))

    test('has sent nothing when nobody listens: unavailable', () =>
      using(async (opened) => {
        opened.behave({ kind: 'away' })
        expect(await opened.sender.send(sampleReply(opened), live())).toEqual({ failed: 'unavailable' })
      }))

    test.each(['hangs', 'breaks', 'garbage'] as const)(
      'does not know what became of a message when the far side %s: timeout_unknown',
      (kind) =>
        using(async (opened) => {
          opened.behave({ kind })
          const result = await opened.sender.send(sampleReply(opened), AbortSignal.timeout(300))
          expect(result).toEqual({ failed: 'timeout_unknown' })
          expect(opened.attempts()).toBe(1)
        }),
    )

    test('brings a long text in pieces that fit, in order, and loses no word', () =>
      using(async (opened) => {
        const words = Array.from({ length: textMax / 2 }, (_, index) => `${index}😀`)
        const reply = sampleReply(opened, { text: words.join(' ') })
        expect(await opened.sender.send(reply, live())).toHaveProperty('sentAs')
        const texts = opened.arrived().map(({ text }) => text)
        expect(texts.length).toBeGreaterThan(1)
        expect(texts.every((text) => text.length <= textMax && text.isWellFormed())).toBe(true)
        expect(texts.join(' ').split(' ')).toEqual(words)
      }))

    test('goes on where a long text broke off, so that nothing arrives twice', () =>
      using(async (opened) => {
        const words = Array.from({ length: textMax / 2 }, (_, index) => `w${index}`)
        const reply = sampleReply(opened, { text: words.join(' ') })
        opened.behave({ kind: 'accepts' })
        opened.behave({ kind: 'fails', failure: 'rate_limited' })
        expect(await opened.sender.send(reply, live())).toEqual({ failed: 'rate_limited' })
        expect(await opened.sender.send(reply, live())).toHaveProperty('sentAs')
        const texts = opened.arrived().map(({ text }) => text)
        expect(texts.join(' ').split(' ')).toEqual(words)
      }))

    test(`brings up to three short choices as ${hasButtons ? 'buttons' : 'numbered lines'}, and others as numbered lines`, () =>
      using(async (opened) => {
        const choices = (titles: readonly string[]) =>
          titles.map((title, index) => ({ id: `n:${index}`, title }))
        for (const titles of [
          ['Sí', 'No'],
          ['a', 'b', 'c', 'd'],
          ['a title longer than twenty letters', 'b'],
          ['the same', 'the same'],
        ])
          await opened.sender.send(
            sampleReply(opened, { text: '¿Seguimos?', buttons: choices(titles) }),
            live(),
          )
        const numbered = (text: string) => ({ text: `¿Seguimos?\n\n${text}`, titles: [] })
        expect(opened.arrived()).toEqual([
          hasButtons ? { text: '¿Seguimos?', titles: ['Sí', 'No'] } : numbered('1. Sí\n2. No'),
          numbered('1. a\n2. b\n3. c\n4. d'),
          numbered('1. a title longer than twenty letters\n2. b'),
          numbered('1. the same\n2. the same'),
        ])
      }))

    test('takes fifty at once and mixes none of them up', () =>
      using(async (opened) => {
        const replies = Array.from({ length: 50 }, () => sampleReply(opened))
        const results = await Promise.all(replies.map((reply) => opened.sender.send(reply, live())))
        expect(new Set(results.map((result) => 'sentAs' in result && result.sentAs)).size).toBe(50)
        expect(new Set(opened.arrived().map(({ text }) => text))).toEqual(
          new Set(replies.map(({ reply }) => reply.text)),
        )
      }))

    test('lets no secret, number or text into results and logs, whatever happens', () =>
      using(async (opened) => {
        const behaviours: SenderBehaviour[] = [
          { kind: 'accepts' },
          ...failures.map((failure) => ({ kind: 'fails', failure }) as const),
          ...(['breaks', 'garbage', 'away'] as const).map((kind) => ({ kind })),
        ]
        const told: string[] = []
        for (const behaviour of behaviours) {
          opened.behave(behaviour)
          const reply = sampleReply(opened, { text: 'palabra secreta' })
          told.push(JSON.stringify(await opened.sender.send(reply, AbortSignal.timeout(2000))))
        }
        for (const text of [...told, opened.logged()])
          for (const secret of [...opened.secrets, opened.address.replace('+', ''), 'palabra secreta'])
            expect(text).not.toContain(secret)
      }))

    test('knows no failures but those of the port', () => {
      expect(failures.filter((failure) => !sendFailures.includes(failure))).toEqual([])
    })
  })
}
