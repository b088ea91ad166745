import { describe, expect, it } from 'vitest'
import type { Finding, Group } from '../../src/compose/doctor/finding.ts'
import { ownPlace } from '../support/open-webui/place.ts'
import { startOpenWebui } from '../support/open-webui/start.ts'
import { runPortero } from '../support/portero-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** No Portero listens there: what is looked at is Open WebUI. */
const publicUrl = ownPlace().publicOrigin
const startMs = 240_000

/** What `portero doctor` says of a real Open WebUI in this environment, on a fresh data folder. */
async function examine(
  environment: Record<string, string>,
): Promise<{ findings: readonly Finding[]; code: number | null }> {
  const folder = await temporaryFolder()
  const app = await startOpenWebui({ publicUrl, environment })
  try {
    const ran = await runPortero(['doctor', '--json'], {
      PORTERO_DATA_DIR: `${folder.path}/data`,
      PORT: new URL(publicUrl).port,
      PORTERO_PUBLIC_URL: publicUrl,
      PORTERO_DELIVERY__CONSOLE: 'true',
      PORTERO_PEOPLE__ADMISSION: 'open',
      OPENWEBUI_URL: app.url,
    })
    const groups: Group[] = JSON.parse(ran.stdout)
    return { findings: groups.find(({ name }) => name === 'Open WebUI')?.findings ?? [], code: ran.code }
  } finally {
    await app.stop()
    await folder.remove()
  }
}

const wrongIn = (findings: readonly Finding[]) =>
  findings
    .filter(({ status }) => status === 'fault' || status === 'warning')
    .map(({ status, what, cure }) => `${status}: ${what} ${cure}`)
    .sort()

describe('portero doctor at a real Open WebUI', () => {
  it(
    'finds nothing wrong where nothing is',
    async () => {
      const { findings, code } = await examine({ JWT_EXPIRES_IN: '180d' })
      expect(wrongIn(findings)).toEqual([])
      expect(code).toBe(0)
      expect(findings).toContainEqual({ status: 'ok', what: 'Open WebUI reads the header X-Portero-Role.' })
    },
    startMs,
  )

  it(
    'names each of eight things that are wrong at once, with its cure, and nothing else',
    async () => {
      const { findings, code } = await examine({
        WEBUI_AUTH_TRUSTED_ROLE_HEADER: '',
        WEBUI_AUTH_TRUSTED_NAME_HEADER: 'X-Other-Name',
        WEBUI_AUTH_SIGNOUT_REDIRECT_URL: '',
        WEBUI_AUTH_COOKIE_SECURE: 'true',
        WEBUI_URL: 'https://elsewhere.example',
        CORS_ALLOW_ORIGIN: '*',
        DEFAULT_USER_ROLE: 'admin',
        JWT_EXPIRES_IN: '12h',
      })
      expect(wrongIn(findings)).toEqual([
        expect.stringMatching(/^fault: .*WEBUI_AUTH_TRUSTED_ROLE_HEADER=X-Portero-Role/),
        ...[
          /WEBUI_AUTH_TRUSTED_NAME_HEADER=X-Portero-Name/,
          /WEBUI_AUTH_SIGNOUT_REDIRECT_URL=\/_portero\/signout/,
          /CORS_ALLOW_ORIGIN=/,
          /DEFAULT_USER_ROLE=user/,
          /another address.*WEBUI_URL=/,
          /12 hours.*JWT_EXPIRES_IN=180d/,
          /WEBUI_AUTH_COOKIE_SECURE=false/,
        ].map((pattern) => expect.stringMatching(pattern)),
      ])
      expect(code).toBe(1)
    },
    startMs,
  )

  it(
    'names a header that is read under another name, and signs nobody in',
    async () => {
      const { findings, code } = await examine({
        WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Forwarded-Email',
      })
      expect(wrongIn(findings)).toEqual([
        expect.stringMatching(/^fault: .*another name.*WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email/),
      ])
      expect(code).toBe(1)
    },
    startMs,
  )
})
