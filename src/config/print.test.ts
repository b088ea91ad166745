import { expect, test } from 'vitest'
import { loadConfig, loadConfigWithSources } from './load.ts'
import { printConfig } from './print.ts'
import { secretPaths } from './secrets.ts'

const noFile = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
}

test('the secrets are these, and no others', () => {
  expect(secretPaths).toEqual([
    ...['database.url', 'database.admin_url', 'keys.secrets'],
    ...['whatsapp.access_token', 'whatsapp.app_secret', 'whatsapp.verify_token', 'twilio.auth_token'],
    ...['bot.agent.secret', 'bot.agent.api_key', 'events.secret', 'tokens.secret'],
  ])
})

test('what is printed has no secret in it, and tells where each value comes from', () => {
  const secret = 'hunter2-hunter2-hunter2-hunter2-hunter2'
  const env = {
    PORTERO_DEMO: 'true',
    DATABASE_URL: `postgresql://u:${secret}@x/y`,
    PORTERO_DATABASE__ADMIN_URL: `postgresql://u:${secret}@x/y`,
    PORTERO_KEYS__SECRETS: `${secret}-a,${secret}-b`,
    OPENWEBUI_JWT_SECRET: secret,
  }
  const { config, sources } = loadConfigWithSources({ env, readFile: noFile })
  const text = printConfig(config, sources)
  expect(text).not.toContain('hunter2')
  expect(text).toContain('demo: true  # PORTERO_DEMO\n')
  expect(text).toContain('  secret: ••••••••  # OPENWEBUI_JWT_SECRET\n')
  expect(text).toContain('  ttl_seconds: 300  # default\n')
  expect(text).toContain('  # logo: not set\n')
})

test('what is printed can be read again and means the same', () => {
  const env = {
    PORTERO_DEMO: 'true',
    PORTERO_PAGES__NAME: 'Casa: "la nuestra" # 1\nen dos líneas',
    PORTERO_PAGES__COLOR: '#0f5b66',
    PORTERO_LIMITS__NETWORKS: '10.0.0.0/8=2',
    PORTERO_ADMIN__PHONES: '+5511961234567',
  }
  const { config, sources } = loadConfigWithSources({ env, readFile: noFile })
  const printed = printConfig(config, sources)
  expect(loadConfig({ env: {}, readFile: () => printed })).toEqual(config)
})
