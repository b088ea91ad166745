import { inject } from 'vitest'
import { openWebuiContract } from '../contracts/open-webui.contract.ts'

openWebuiContract('the real Open WebUI', () => ({
  url: inject('openWebuiUrl'),
  publicOrigin: inject('publicOrigin'),
}))
