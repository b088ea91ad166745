import { describe, expect, test } from 'vitest'
import { atOnce } from '../../../test/support/samples.ts'
import type { Revocation } from '../sessions/session-store.ts'
import { type OnBehalfOf, openAppTokens } from './app-tokens.ts'

const ana = { personId: 'ana' }
const eva = { personId: 'eva' }

/** Tokens with a sign-in that counts, a clock, and a feed of revocations. */
function openHouse() {
  const signIns: OnBehalfOf[] = []
  const listeners = new Set<(revocation: Revocation) => void>()
  const house = {
    signIns,
    ms: 0,
    isHearing: true,
    failure: undefined as Error | undefined,
    endsAfterMs: undefined as number | undefined,
    listeners,
    revoke: (revocation: Revocation) => {
      for (const listener of listeners) listener(revocation)
    },
    /** Keeps sign-ins under way until it is called. */
    gate: Promise.resolve(),
  }
  const tokens = openAppTokens({
    async signIn(who) {
      signIns.push(who)
      const token = `token ${signIns.length}`
      await house.gate
      if (house.failure !== undefined) throw house.failure
      return { token, endsAt: house.endsAfterMs === undefined ? undefined : house.ms + house.endsAfterMs }
    },
    sessionDirectory: {
      onRevoked(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      isHearing: () => house.isHearing,
    },
    now: () => house.ms,
  })
  return { ...house, house, tokens }
}

describe('a token on somebody’s behalf', () => {
  test('comes from one sign-in for many who ask at once, and is each person’s own', async () => {
    const { tokens, signIns } = openHouse()
    const all = await atOnce(100, (i) => tokens.tokenOf(i % 2 ? ana : eva))
    expect(new Set(all.filter((_, i) => i % 2)).size).toBe(1)
    expect(new Set(all).size).toBe(2)
    expect(await tokens.tokenOf('guest')).toBe('token 3')
    expect(signIns).toEqual([eva, ana, 'guest'])
  })

  test('that was refused is made anew, once for many', async () => {
    const { tokens, signIns } = openHouse()
    const first = await tokens.tokenOf(ana)
    const again = await atOnce(50, () => tokens.tokenOf(ana, first))
    expect(new Set(again)).toEqual(new Set(['token 2']))
    expect(await tokens.tokenOf(ana, first)).toBe('token 2')
    expect(signIns).toHaveLength(2)
  })

  test('is made anew shortly before its end, and when nobody has used it for ten minutes', async () => {
    const { tokens, house, signIns } = openHouse()
    house.endsAfterMs = 15 * 60_000
    for (const [minutes, count] of [
      [0, 1],
      [8, 1],
      [14.4, 1],
      [14.6, 2],
      [24.7, 3],
    ] as const) {
      house.ms = minutes * 60_000
      await tokens.tokenOf(ana)
      expect([minutes, signIns.length]).toEqual([minutes, count])
    }
  })

  test('is dropped when its person was blocked, changed or deleted, and only theirs', async () => {
    const { tokens, revoke } = openHouse()
    await tokens.tokenOf(ana)
    await tokens.tokenOf(eva)
    revoke({ sessionId: 'of somebody' })
    expect(await tokens.tokenOf(ana)).toBe('token 1')
    revoke({ personId: 'ana', isRenamed: false })
    expect(await tokens.tokenOf(ana)).toBe('token 3')
    expect(await tokens.tokenOf(eva)).toBe('token 2')
  })

  test('that was on its way when its person was blocked serves nobody who asks later', async () => {
    const { tokens, house } = openHouse()
    let open = () => {}
    house.gate = new Promise((done) => {
      open = done
    })
    const early = tokens.tokenOf(ana)
    house.revoke({ personId: 'ana', isRenamed: false })
    const late = tokens.tokenOf(ana)
    open()
    expect([await early, await late, await tokens.tokenOf(ana)]).toEqual(['token 1', 'token 2', 'token 2'])
  })

  test('is not believed while nothing can be heard of who was blocked', async () => {
    const { tokens, house, signIns } = openHouse()
    await tokens.tokenOf(ana)
    house.isHearing = false
    await tokens.tokenOf(ana)
    await tokens.tokenOf(ana)
    expect(signIns).toHaveLength(3)
  })

  test('that could not be had is tried again by the next who asks', async () => {
    const { tokens, house } = openHouse()
    house.failure = new Error('away')
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => tokens.tokenOf(ana)))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['rejected']))
    house.failure = undefined
    expect(await tokens.tokenOf(ana)).toBe('token 2')
  })

  test('is one of a thousand at the most: the one that nobody used for longest goes', async () => {
    const { tokens, signIns } = openHouse()
    for (let i = 0; i < 1000; i++) await tokens.tokenOf({ personId: `${i}` })
    await tokens.tokenOf({ personId: '0' })
    await tokens.tokenOf({ personId: 'new' })
    await tokens.tokenOf({ personId: '0' })
    expect(signIns).toHaveLength(1001)
    await tokens.tokenOf({ personId: '1' })
    expect(signIns).toHaveLength(1002)
  })

  test('is not kept after the end, nor does anything listen then', async () => {
    const { tokens, listeners, house, signIns } = openHouse()
    await tokens.tokenOf(ana)
    house.ms = 11 * 60_000
    tokens.sweep()
    house.ms = 0
    await tokens.tokenOf(ana)
    expect(signIns).toHaveLength(2)
    tokens.close()
    expect(listeners.size).toBe(0)
  })
})
