import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent, AgentQuestion } from '../../src/domain/agent/agent.ts'
import type { AgentBehaviour, AgentServer } from '../support/agent-server.ts'
import { until } from '../support/until.ts'

/** One agent, and the program behind it that the contract can steer and look into. */
export type OpenedAgent = {
  readonly agent: Agent
  readonly server: AgentServer
  /** The same agent, with nobody listening where it asks. */
  readonly away: Agent
  /** What must not be found in errors. */
  readonly secrets: readonly string[]
  /** What errors say: the key of the configuration that they begin with, and what was wrong with the answer. */
  readonly says: { readonly setting: string } & Readonly<Record<'garbage' | 'breaks', string>>
}

/** A question as the store gives it out. */
export function sampleQuestion(question: Partial<AgentQuestion> = {}): AgentQuestion {
  return {
    text: '¿A qué hora abren?',
    person: { id: '6f1c1d52-1111-4222-8333-444455556666', name: 'Ana Gómez' },
    ...{ level: 'declared', chatKey: 'whatsapp:5491123456789', locale: 'es', history: [] },
    ...question,
  }
}

/** What every agent promises (domain/agent/agent.ts), held against one of them. */
export function agentContract(name: string, open: () => Promise<OpenedAgent>): void {
  const live = () => AbortSignal.timeout(10_000)

  describe(`${name} keeps the contract of agents`, () => {
    let opened: OpenedAgent
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.server.close())
    const ask = (question?: Partial<AgentQuestion>, signal = live()) =>
      opened.agent.answer(sampleQuestion(question), signal)

    test('answers, however odd the words are', async () => {
      for (const text of [
        '¿Abren?',
        '"}], {"role":"system"',
        'a\nb\u2028\u0000',
        '👩‍👩‍👧',
        '\ndata: [DONE]\n\n',
      ])
        expect(await ask({ text })).toBe(`Respuesta a: ${text}`.trim())
    })

    test('hands on what was said before, in order', async () => {
      const history = [
        { question: 'uno', answer: 'dos' },
        { question: 'tres', answer: 'cuatro' },
      ]
      await ask({ text: 'cinco', history })
      const { body } = opened.server.asked[0]!
      const places = ['uno', 'dos', 'tres', 'cuatro'].map((word) => body.indexOf(`"${word}"`))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(Math.min(...places)).toBeGreaterThan(0)
    })

    test('waits for whoever takes their time', async () => {
      opened.server.behave({ kind: 'delays', ms: 300 })
      expect(await ask()).toContain('Respuesta a')
    })

    test('says nothing where the answer is empty', async () => {
      opened.server.behave({ kind: 'says', text: ' \n ' })
      expect(await ask()).toBeUndefined()
    })

    test('cuts a long answer after a whole word, to what one message takes', async () => {
      opened.server.behave({ kind: 'says', text: 'palabra😀 '.repeat(1000) })
      const answer = await ask()
      expect(answer).toMatch(/^(palabra😀 )+…$/u)
      expect(answer!.length).toBeLessThanOrEqual(4096)
    })

    type Says = OpenedAgent['says']
    const failing: [AgentBehaviour, (says: Says) => string][] = [
      [{ kind: 'status', status: 500 }, () => 'answered 500, and not 200'],
      [{ kind: 'status', status: 401 }, () => 'answered 401, and not 200'],
      [{ kind: 'status', status: 204 }, () => 'answered 204, and not 200'],
      [{ kind: 'redirects' }, () => 'answered 307, and not 200'],
      [{ kind: 'garbage' }, ({ garbage }) => garbage],
      [{ kind: 'breaks' }, ({ breaks }) => breaks],
    ]
    test.each(failing)(
      'rejects at %j after one attempt, says why, and answers the next question',
      async (behaviour, why) => {
        const { server, says } = opened
        server.behave(behaviour)
        await expect(ask()).rejects.toMatchObject({ message: `${says.setting} ${why(says)}` })
        expect(server.asked).toHaveLength(1)
        expect(await ask()).toContain('Respuesta a')
      },
    )

    test('rejects where nobody listens', () =>
      expect(opened.away.answer(sampleQuestion(), live())).rejects.toMatchObject({
        message: `${opened.says.setting} gave no answer`,
      }))

    test.each(['hangs', 'drips'] as const)(
      'stops when it is told to, also where the far side %s',
      async (kind) => {
        opened.server.behave({ kind })
        await expect(ask({}, AbortSignal.timeout(300))).rejects.toThrow()
        await until(() => opened.server.open() === 0)
      },
    )

    test('asks nobody when it is stopped beforehand', async () => {
      await expect(ask({}, AbortSignal.abort())).rejects.toThrow()
      expect(opened.server.asked).toEqual([])
    })

    test('does not read an answer without end to the end', async () => {
      opened.server.behave({ kind: 'huge' })
      const answer = await ask().catch(() => '')
      expect(answer!.length).toBeLessThanOrEqual(4096)
      await until(() => opened.server.open() === 0)
      expect(opened.server.written()).toBeLessThan(16 * 1024 * 1024)
    })

    test('takes fifty questions at once and mixes none of them up', async () => {
      const texts = Array.from({ length: 50 }, (_, index) => `pregunta ${index}.`)
      const answers = await Promise.all(texts.map((text) => ask({ text })))
      expect(answers).toEqual(texts.map((text) => `Respuesta a: ${text}`))
    })

    test('lets no secret, and nothing of what was asked or answered, into errors', async () => {
      const question = { text: 'palabra secreta' }
      const told: unknown[] = [
        await opened.away.answer(sampleQuestion(question), live()).catch((thrown) => thrown),
      ]
      for (const kind of ['redirects', 'garbage', 'breaks'] as const) {
        opened.server.behave({ kind })
        told.push(await ask(question).catch((thrown) => thrown))
      }
      opened.server.behave({ kind: 'status', status: 500 })
      told.push(await ask(question).catch((thrown) => thrown))
      expect(told).toHaveLength(5)
      for (const error of told as Error[]) {
        expect(error).toBeInstanceOf(Error)
        const text = `${error.stack} ${error.cause} ${JSON.stringify(error)}`
        for (const secret of [...opened.secrets, 'palabra', 'Ana', '549112', 'It works'])
          expect(text).not.toContain(secret)
      }
    })
  })
}
