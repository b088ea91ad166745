import { afterAll, afterEach, beforeAll } from 'vitest'
import { sessionOf } from '../support/gateway-house.ts'
import { allowedCases } from './cases/allowed.ts'
import { awayCases } from './cases/away.ts'
import { openWebuiCases } from './cases/open-webui.ts'
import { redirectedCases } from './cases/redirected.ts'
import { refusedCases } from './cases/refused.ts'
import { spoofedCases } from './cases/spoofed.ts'
import { streamedCases } from './cases/streamed.ts'
import type { Gate } from './gate.ts'
import { type GateTraits, visitTo } from './visit.ts'

/** What holds for every way of standing in front of an application. */
export function gateCases(open: () => Promise<Gate>, traits: GateTraits): void {
  let gate: Gate | undefined
  beforeAll(async () => {
    gate = await open()
  })
  afterEach(async () => {
    await gate!.link.mend()
    gate!.app.requests.length = 0
    gate!.house.sessions.set('s1', sessionOf(1))
  })
  afterAll(() => gate?.close())

  const visit = visitTo(() => gate!, traits)
  allowedCases(visit)
  spoofedCases(visit)
  refusedCases(visit)
  redirectedCases(visit)
  streamedCases(visit)
  openWebuiCases(visit)
  awayCases(visit)
}
