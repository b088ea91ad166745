import { expect, test } from 'vitest'
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
