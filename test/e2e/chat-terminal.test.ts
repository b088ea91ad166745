import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { demoEnv } from '../support/portero-in-process.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

async function type(args: string[], lines: string[]): Promise<{ code: number | null; said: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...demoEnv(database) }
  const child = spawn(process.execPath, [main, 'chat', ...args], { cwd: '/', env })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk
    })
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  await once(child, 'close')
  return { code: child.exitCode, said }
}

describe('portero chat', () => {
  it('is a conversation with the bot, one answer for each line, and ends with the input', async () => {
    const { code, said } = await type(
      ['--from', '+54 9 11 2345-6789'],
      ['Hola', '12.345.678', 'hola', 'olvidar'],
    )
    expect(code).toBe(0)
    expect(said).toMatch(/You are \+54 9 11 2345-6789[\s\S]*DNI[\s\S]*Juan[\s\S]*Juan[\s\S]*olvidado/)
  })

  it('remembers from one conversation to the next', async () => {
    await type(['--from', '+5491123450000'], ['hola', '12345678'])
    const { said } = await type(['--from', '+5491123450000'], ['hola'])
    expect(said).toContain('Juan')
  })

  it('says what is missing or wrong', async () => {
    expect(await type([], [])).toMatchObject({ code: 64, said: expect.stringContaining('--from is missing') })
    expect(await type(['--from', 'Juan'], [])).toMatchObject({ code: 1 })
  })
})
