import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const folder = join(root, 'deploy/docker')

export const fileNames = {
  whole: 'docker-compose.yml',
  overlay: 'docker-compose.auth.sms.yml',
  overlayOfApp: 'docker-compose.auth.sms.open-webui.yml',
}

/** What the image sets before anything else does. */
const imageEnv = { PORTERO_LISTEN__HOST: '0.0.0.0', PORTERO_DATA_DIR: '/var/lib/portero' }

/** What Portero makes of its environment in a container. Throws what it would say there. */
export function configInContainer(env: Record<string, string>): Config {
  return loadConfig({
    env: { ...imageEnv, ...env },
    readFile: () => {
      throw Object.assign(new Error('no file'), { code: 'ENOENT' })
    },
  })
}
