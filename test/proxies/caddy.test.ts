import { describe } from 'vitest'
import { debianCaddy, newestCaddy, startCaddy } from './caddy.ts'
import { openGate } from './gate.ts'
import { gateCases } from './gate-cases.ts'
import { plainPage } from './visit.ts'

const newest = await newestCaddy()

describe('Debian’s Caddy', () => caddyCases(debianCaddy))

if ('missing' in newest)
  describe.skip(`the newest Caddy: skipped, ${newest.missing}`, () => caddyCases(debianCaddy))
else describe('the newest Caddy', () => caddyCases(newest.path))

function caddyCases(program: string): void {
  describe('asking Portero for an Open WebUI (Caddyfile.open-webui)', () => {
    gateCases(() => openGate((at) => startCaddy(program, 'Caddyfile.open-webui', at)), {
      asks: true,
      isOpenWebui: true,
      hidesCookies: true,
      away: plainPage,
    })
  })

  describe('before the built-in gateway (Caddyfile.gateway)', () => {
    gateCases(() => openGate((at) => startCaddy(program, 'Caddyfile.gateway', at)), {
      asks: false,
      isOpenWebui: true,
      hidesCookies: true,
      away: plainPage,
    })
  })
}
