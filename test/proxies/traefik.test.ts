import { describe } from 'vitest'
import { openGate } from './gate.ts'
import { gateCases } from './gate-cases.ts'
import { startTraefik } from './traefik.ts'

const program = process.env.PORTERO_TEST_TRAEFIK
const title = 'Traefik, asking Portero for an Open WebUI (traefik.yml, portero.yml)'
const away = { statuses: [502, 504], text: /Bad Gateway|Gateway Timeout/ }
const traits = { asks: true, isOpenWebui: true, hidesCookies: false, away }

if (program === undefined)
  describe.skip(`${title}: skipped, PORTERO_TEST_TRAEFIK names no program`, () =>
    gateCases(() => openGate(), traits))
else describe(title, () => gateCases(() => openGate((at) => startTraefik(program, at)), traits))
