import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sessionOf } from '../../test/support/gateway-house.ts'
import type { Session } from '../domain/sessions/session.ts'
import {
  type EndedSession,
  type LiveConnection,
  type LiveConnections,
  openLiveConnections,
} from './live-connections.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Find = (id: string) => Session | undefined | Promise<Session | undefined>

function hold(findSession: Find): { live: LiveConnections; cuts: string[] } {
  const cuts: string[] = []
  const live = openLiveConnections(
    { now: Date.now, isSessionLive: () => true, findSession, onSessionEnd: () => () => {} },
    1_000,
  )
  const connection: LiveConnection = {
    session: { ...sessionOf(1), idleEndsAt: Date.now() + 10_000 },
    isEndless: true,
    place: -1,
    cut(reason) {
      cuts.push(reason)
      live.delete(connection)
    },
    check() {},
  }
  live.add(connection)
  return { live, cuts }
}

it('a session that has left memory is looked up when it should be over, and cut when it is', async () => {
  const find = vi.fn<Find>(async () => undefined)
  const { cuts } = hold(find)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(find).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(cuts).toEqual(['session_ended'])
})

it('a session that was used elsewhere goes on until its new end', async () => {
  let found: Session | undefined = { ...sessionOf(1), idleEndsAt: Date.now() + 100_000 }
  const find = vi.fn<Find>(() => found)
  const { cuts } = hold(find)
  await vi.advanceTimersByTimeAsync(95_000)
  expect(find).toHaveBeenCalledTimes(1)
  expect(cuts).toEqual([])
  found = undefined
  await vi.advanceTimersByTimeAsync(10_000)
  expect(cuts).toEqual(['session_ended'])
})

it.each([
  ['rejects', () => Promise.reject(new Error('away'))],
  [
    'throws',
    () => {
      throw new Error('away')
    },
  ],
])('a look that %s keeps the connection, and is repeated once a minute', async (_, fails) => {
  const find = vi.fn<Find>(fails)
  const { cuts } = hold(find)
  await vi.advanceTimersByTimeAsync(65_000)
  expect(find).toHaveBeenCalledTimes(1)
  find.mockImplementation(() => undefined)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(find).toHaveBeenCalledTimes(2)
  expect(cuts).toEqual(['session_ended'])
})

it('everybody of a person who ends is cut, once each, and the others stay', () => {
  let end: (ended: EndedSession) => void = () => {}
  const live = openLiveConnections(
    {
      now: Date.now,
      isSessionLive: () => true,
      findSession: () => undefined,
      onSessionEnd(listener) {
        end = listener
        return () => {}
      },
    },
    1_000,
  )
  const cuts: number[] = []
  const left = new Set<number>()
  for (let i = 0; i < 40; i++) {
    const connection: LiveConnection = {
      session: sessionOf(i % 2),
      isEndless: false,
      place: -1,
      cut() {
        cuts.push(i)
        left.delete(i)
        live.delete(connection)
      },
      check: () => void left.add(i),
    }
    live.add(connection)
  }
  end({ sessionId: sessionOf(1).id })
  expect(cuts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 1))
  vi.advanceTimersByTime(1_000)
  expect([...left].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i))
})

const looks: [string, Find, boolean[]][] = [
  ['is still alive', () => sessionOf(1), [true]],
  ['has ended', () => undefined, [false, true]],
  ['cannot be looked up', () => Promise.reject(new Error('away')), [false, true]],
]
it.each(looks)(
  'of a person who changed, streams are cut at once, and a request of a session that %s',
  async (_, find, expected) => {
    let end: (ended: EndedSession) => void = () => {}
    const live = openLiveConnections(
      {
        now: Date.now,
        isSessionLive: () => true,
        findSession: find,
        onSessionEnd(listener) {
          end = listener
          return () => {}
        },
      },
      1_000,
    )
    const cuts: boolean[] = []
    for (const isEndless of [true, false]) {
      const connection: LiveConnection = {
        session: sessionOf(1),
        isEndless,
        place: -1,
        cut() {
          cuts.push(isEndless)
          live.delete(connection)
        },
        check() {},
      }
      live.add(connection)
    }
    end({ personId: sessionOf(1).person.id })
    await vi.advanceTimersByTimeAsync(10)
    expect(cuts.toSorted()).toEqual(expected)
  },
)

it('strangers are counted until they leave or become endless, once each', () => {
  const { live } = hold(() => undefined)
  const strangers = Array.from({ length: 3 }, () => {
    const stranger = { session: undefined, isEndless: false, place: -1, cut() {}, check() {} }
    live.add(stranger)
    return stranger
  })
  const [first, second] = strangers
  expect(live.strangers()).toBe(3)
  live.delete(first!)
  live.delete(first!)
  expect(live.strangers()).toBe(2)
  second!.isEndless = true
  live.exempt(second!)
  expect(live.strangers()).toBe(1)
  live.delete(second!)
  expect(live.strangers()).toBe(1)
})
