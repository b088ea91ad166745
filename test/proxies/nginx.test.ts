import { describe } from 'vitest'
import { openGate } from './gate.ts'
import { gateCases } from './gate-cases.ts'
import { startAskingNginx, startNginxBefore } from './nginx.ts'
import { plainPage } from './visit.ts'

describe('nginx, asking Portero (portero-auth.conf)', () => {
  gateCases(() => openGate((at) => startAskingNginx('portero-auth.conf', at)), {
    asks: true,
    isOpenWebui: false,
    hidesCookies: true,
    away: plainPage,
  })
})

describe('nginx, asking Portero for an Open WebUI (open-webui.conf)', () => {
  gateCases(() => openGate((at) => startAskingNginx('open-webui.conf', at)), {
    asks: true,
    isOpenWebui: true,
    hidesCookies: true,
    away: plainPage,
  })
})

describe('nginx before the built-in gateway (portero-gateway.conf)', () => {
  gateCases(() => openGate((at) => startNginxBefore(at)), {
    asks: false,
    isOpenWebui: true,
    hidesCookies: true,
    away: plainPage,
  })
})
