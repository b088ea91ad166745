import { openWebuiContract } from '../contracts/open-webui.contract.ts'
import { ownPlace } from '../support/open-webui/place.ts'

const place = ownPlace()

openWebuiContract('the real Open WebUI', () => ({
  url: place.openWebuiUrl,
  publicOrigin: place.publicOrigin,
}))
