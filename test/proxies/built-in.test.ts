import { describe } from 'vitest'
import { openGate } from './gate.ts'
import { gateCases } from './gate-cases.ts'
import { plainPage } from './visit.ts'

describe('the built-in gateway alone', () => {
  gateCases(() => openGate(), { asks: false, isOpenWebui: true, hidesCookies: true, away: plainPage })
})
