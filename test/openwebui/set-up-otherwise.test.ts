import { openWebuiSetUpOtherwiseContract } from '../contracts/open-webui/set-up-otherwise.contract.ts'
import { ownPlace } from '../support/open-webui/place.ts'
import { startOpenWebui } from '../support/open-webui/start.ts'

openWebuiSetUpOtherwiseContract('the real Open WebUI', async (settings) => {
  // A second factor is refused at the start where settings are not kept in the database.
  const kept = settings.ENABLE_MFA === 'true' ? { ENABLE_PERSISTENT_CONFIG: 'true' } : {}
  const environment = { ...settings, ...kept }
  const { url, stop } = await startOpenWebui({ publicUrl: ownPlace().publicOrigin, environment })
  return { url, close: stop }
})
