import { describe, expect, test } from 'vitest'
import {
  type DeliveryFailure,
  type DeliveryProvider,
  deliveryFailures,
  type MessageTemplate,
  type OutboundMessage,
} from '../../src/domain/messaging/delivery-provider.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'

/** How the other side of a provider behaves for the next sends. */
export type Behaviour =
  | { readonly kind: 'accepts' }
  | { readonly kind: 'fails'; readonly reason: DeliveryFailure }
  /** Takes the message and never answers. */
  | { readonly kind: 'hangs' }

/** One provider in front of a far side that the contract can steer and look into. */
export type OpenedProvider = {
  readonly provider: DeliveryProvider
  /** How many attempts reached the far side. */
  attempts(): number
  /** Everything that the provider wrote to a log; not what it delivered. */
  logged(): string
  close?(): Promise<void>
}

export type DeliveryProviderOptions = {
  /** Failures that this provider's far side can bring about; all of them when not given. */
  readonly failures?: readonly DeliveryFailure[]
  /** False for a provider whose far side always answers at once. */
  readonly canHang?: boolean
}

let sent = 0

/** A message as the domain makes it; each has a number and a code of its own. */
export function sampleMessage(provider: DeliveryProvider): OutboundMessage {
  sent += 1
  const code = String(730000 + sent)
  return {
    ref: `delivery-${sent}`,
    to: `+55119612${String(30000 + sent)}` as PhoneNumber,
    channel: provider.channels[0]!,
    text: `Tu código es ${code}. No lo compartas con nadie.`,
    code,
    locale: 'es',
    ttlSeconds: 300,
  }
}

const sampleTemplate: MessageTemplate = {
  ...{
    name: 'new_session',
    language: 'es_AR',
    parameters: ['Instituto Sur', 'Chrome', '203.0.113.7', '4:02'],
  },
  buttons: [{ id: '0f8c1c546d3f4c399d6c2d5a5b1c0e11.do.not_me', title: 'No fui yo' }],
}

/** What every delivery provider promises (domain/messaging/delivery-provider.ts), held against one of them. */
export function deliveryProviderContract(
  name: string,
  open: (behaviour: Behaviour) => Promise<OpenedProvider>,
  { failures = deliveryFailures, canHang = true }: DeliveryProviderOptions = {},
): void {
  const live = () => AbortSignal.timeout(10_000)

  async function using<Result>(behaviour: Behaviour, use: (opened: OpenedProvider) => Promise<Result>) {
    const opened = await open(behaviour)
    try {
      return await use(opened)
    } finally {
      await opened.close?.()
    }
  }

  describe(`${name} keeps the contract of delivery providers`, () => {
    test('says its name and at least one channel', () =>
      using({ kind: 'accepts' }, async ({ provider }) => {
        expect(provider.name).toMatch(/^[a-z][a-z0-9_-]*$/)
        expect(provider.channels.length).toBeGreaterThan(0)
        expect(new Set(provider.channels).size).toBe(provider.channels.length)
      }))

    test('hands an accepted message over once, with an id of its own', () =>
      using({ kind: 'accepts' }, async ({ provider, attempts }) => {
        const first = await provider.send(sampleMessage(provider), live())
        expect(first).toEqual({ ok: true, providerMessageId: expect.stringMatching(/\S/) })
        expect(attempts()).toBe(1)
        const second = await provider.send(sampleMessage(provider), live())
        expect(second.ok && first.ok && second.providerMessageId !== first.providerMessageId).toBe(true)
      }))

    test('takes a notice: words without a code, by WhatsApp as a template', () =>
      using({ kind: 'accepts' }, async ({ provider, attempts, logged }) => {
        for (const channel of provider.channels.filter((one) => one !== 'voice')) {
          const before = attempts()
          const notice = {
            ...sampleMessage(provider),
            code: undefined,
            channel,
            text: 'Se abrió una sesión.',
          }
          const result = await provider.send(
            channel === 'whatsapp' ? { ...notice, template: sampleTemplate } : notice,
            live(),
          )
          expect(result).toEqual({ ok: true, providerMessageId: expect.stringMatching(/\S/) })
          expect(attempts() - before).toBe(1)
          expect(JSON.stringify(result) + logged()).not.toContain(notice.to.slice(1))
          expect(JSON.stringify(result) + logged()).not.toContain(sampleTemplate.buttons[0]!.id)
        }
      }))

    for (const reason of failures) {
      test(`answers ${reason} after one attempt, and does not throw`, () =>
        using({ kind: 'fails', reason }, async ({ provider, attempts }) => {
          const result = await provider.send(sampleMessage(provider), live())
          expect(result).toMatchObject({ ok: false, reason })
          expect(attempts()).toBe(1)
        }))
    }

    test('sends nothing when it is stopped beforehand: unavailable', () =>
      using({ kind: 'accepts' }, async ({ provider, attempts }) => {
        const result = await provider.send(sampleMessage(provider), AbortSignal.abort())
        expect(result).toMatchObject({ ok: false, reason: 'unavailable' })
        expect(attempts()).toBe(0)
      }))

    const whyNot = canHang ? '' : ' (skipped: its far side always answers at once)'
    test.runIf(canHang)(
      `does not know what became of a message whose answer did not come: timeout_unknown${whyNot}`,
      () =>
        using({ kind: 'hangs' }, async ({ provider, attempts }) => {
          const result = await provider.send(sampleMessage(provider), AbortSignal.timeout(150))
          expect(result).toMatchObject({ ok: false, reason: 'timeout_unknown' })
          expect(attempts()).toBe(1)
        }),
    )

    test('takes fifty at once and mixes none of them up', () =>
      using({ kind: 'accepts' }, async ({ provider, attempts }) => {
        const messages = Array.from({ length: 50 }, () => sampleMessage(provider))
        const results = await Promise.all(messages.map((message) => provider.send(message, live())))
        const ids = results.map((result) => (result.ok ? result.providerMessageId : result.reason))
        expect(new Set(ids).size).toBe(50)
        expect(results.every((result) => result.ok)).toBe(true)
        expect(attempts()).toBe(50)
      }))

    test.each([{ kind: 'accepts' }, ...failures.map((reason) => ({ kind: 'fails', reason }))] as Behaviour[])(
      'lets neither code nor number into its results or logs: %j',
      (behaviour) =>
        using(behaviour, async ({ provider, logged }) => {
          const message = sampleMessage(provider)
          const result = await provider.send(message, live())
          for (const told of [JSON.stringify(result), logged()]) {
            expect(told).not.toContain(message.code)
            expect(told).not.toContain(message.to.slice(1))
          }
        }),
    )
  })
}
