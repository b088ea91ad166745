import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import { ConfigProblem } from '../../config/problem.ts'
import { judgeConfigProblem, judgeSettings } from './settings.ts'

const noFile = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
}
const configOf = (env: Record<string, string>) => loadConfig({ env, readFile: noFile })
const judge = (env: Record<string, string>) =>
  judgeSettings(configOf(env)).map(({ status, what }) => `${status}: ${what}`)

test('a demo is told, the more so the more people can see it', () => {
  expect(judge({})[1]).toMatch(/^warning: This is the demo/)
  expect(judge({ PORTERO_DEMO: 'true', PORTERO_LISTEN__HOST: '0.0.0.0' })[1]).toMatch(
    /^warning: .*other machines/,
  )
  expect(judge({ PORTERO_DEMO: 'true', PORTERO_PUBLIC_URL: 'https://chat.example.org' })[1]).toMatch(
    /^fault: .*public address/,
  )
  expect(judge({ PORTERO_DEMO: 'true', PORTERO_PUBLIC_URL: 'http://localhost:8081' })[1]).toMatch(
    /^warning: This is/,
  )
})

test('codes that reach no phone are told', () => {
  const env = {
    PORTERO_PUBLIC_URL: 'https://chat.example.org',
    PORTERO_DELIVERY__CONSOLE: 'true',
    PORTERO_PEOPLE__ADMISSION: 'known',
  }
  expect(judge(env)).toEqual([
    'ok: The configuration can be used.',
    expect.stringMatching(/^warning: No code reaches a phone/),
  ])
})

describe('a model on WhatsApp', () => {
  const env = {
    ...{ PORTERO_PUBLIC_URL: 'https://chat.example.org', PORTERO_DELIVERY__CONSOLE: 'true' },
    ...{ PORTERO_PEOPLE__ADMISSION: 'known', PORTERO_BOT__AGENT__MODEL: 'eco' },
    ...{ PORTERO_BOT__AGENT__KIND: 'openai', PORTERO_BOT__AGENT__BASE_URL: 'http://127.0.0.1:11434/v1' },
  }
  const whatsapp = {
    ...{
      PORTERO_WHATSAPP__PHONE_NUMBER_ID: '106540352242922',
      PORTERO_WHATSAPP__ACCESS_TOKEN: 'x'.repeat(8),
    },
    ...{ PORTERO_WHATSAPP__APP_SECRET: 'y'.repeat(16), PORTERO_WHATSAPP__VERIFY_TOKEN: 'z'.repeat(16) },
  }
  const twilio = {
    PORTERO_TWILIO__ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    ...{ PORTERO_TWILIO__AUTH_TOKEN: 'y'.repeat(16), PORTERO_TWILIO__FROM: '+14155238886' },
  }
  const told = (more: Record<string, string>) =>
    judgeSettings(configOf({ ...env, ...more })).find(({ what }) => what.includes('WhatsApp'))
  const openWebui = {
    ...{ PORTERO_BOT__AGENT__KIND: 'open-webui', OPENWEBUI_URL: 'http://127.0.0.1:8080' },
  }

  test('is told where it answers to countries that nobody has looked into, with what to do', () => {
    for (const more of [whatsapp, twilio, { ...whatsapp, ...openWebui }]) {
      const finding = told(more)!
      expect(finding.status).toBe('warning')
      expect(finding.what).toContain('numbers of AR, where WhatsApp bars')
      expect(finding.cure).toMatch(/bot\.llm_countries.*phone\.allowed_regions/)
    }
    const regions = { PORTERO_PHONE__ALLOWED_REGIONS: 'BR,AR,UY,PY' }
    expect(told({ ...whatsapp, ...regions, PORTERO_BOT__LLM_COUNTRIES: 'BR,AR' })?.what).toContain('UY, PY')
  })

  test('is not told without WhatsApp, without a model, or where each country was looked into', () => {
    expect(told({})).toBeUndefined()
    expect(told({ ...whatsapp, PORTERO_BOT__LLM_COUNTRIES: 'BR,AR' })).toBeUndefined()
    expect(told({ ...whatsapp, PORTERO_PHONE__ALLOWED_REGIONS: 'BR' })).toBeUndefined()
    const webhook = {
      ...{ PORTERO_BOT__AGENT__KIND: 'webhook', PORTERO_BOT__AGENT__URL: 'https://desk.example.org/ask' },
      PORTERO_BOT__AGENT__SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
    }
    expect(told({ ...whatsapp, ...webhook })).toBeUndefined()
  })
})

test('each thing that is wrong with a configuration is a fault of its own, in its usual words', () => {
  let problem: unknown
  try {
    configOf({ PORTERO_OTP__TTL_SECONDS: 'soon', PORTERO_LISTEN__PROT: '1' })
  } catch (thrown) {
    problem = thrown
  }
  expect(problem).toBeInstanceOf(ConfigProblem)
  const findings = judgeConfigProblem(problem as ConfigProblem)
  expect(findings.map(({ status }) => status)).toEqual(['fault', 'fault'])
  for (const { what } of findings) expect((problem as ConfigProblem).message).toContain(what)
})
