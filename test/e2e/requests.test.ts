import { afterAll, beforeAll, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { demoEnv, openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { freshPhone } from '../support/sign-in.ts'

let portero: PorteroInProcess
beforeAll(async () => {
  portero = await openPorteroInProcess()
})
afterAll(() => portero.close())

const typed = (...argv: string[]) => command(demoEnv(portero.database), ...argv)

async function say(from: string, text: string): Promise<string[]> {
  const { json } = await call(`${portero.url}/_portero/bot/messages`, { json: { from, text } })
  return json.replies.map((reply: { text: string }) => reply.text)
}

/** The line of a phone in the list, in its parts. */
async function requestOf(phone: string): Promise<string[] | undefined> {
  const { stdout } = await typed('requests', 'list')
  return stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .find((parts) => parts[3] === phone)
}

it('a wish for people waits on the list, and settling it gives the chat back to the bot', async () => {
  const phone = freshPhone()
  await say(phone, '12345678')
  expect((await say(phone, 'asesor'))[0]).toContain('12 horas')
  expect(await say(phone, 'hola')).toEqual([])
  const [id, , kind, , person, level] = (await requestOf(phone))!
  expect([kind, level]).toEqual(['people', 'declared'])
  expect(person).toMatch(/^[\da-f-]{36}$/)
  expect(await typed('requests', 'settle', id!)).toMatchObject({ code: 0, stdout: 'It is settled.\n' })
  expect((await typed('requests', 'settle', id!)).stdout).toBe('It was settled already.\n')
  expect((await say(phone, 'hola'))[0]).toContain('¡Hola de nuevo, Juan!')
  expect(await requestOf(phone)).toBeUndefined()
})

it('the tool in which people answer gives the chat back by one call', async () => {
  const phone = freshPhone()
  await say(phone, 'asesor')
  expect(await say(phone, 'hola')).toEqual([])
  const made = await typed('keys', 'create', '--name', 'desk', '--scope', 'chat')
  const authorization = `Bearer ${made.stdout.split('\n')[0]}`
  const giveBack = (headers = {}) =>
    call(`${portero.url}/_portero/api/chats/give-back`, { json: { phone }, headers })
  expect((await giveBack()).status).toBe(401)
  expect((await giveBack({ authorization })).json).toEqual({ phone, given_back: 1 })
  expect((await giveBack({ authorization })).json).toEqual({ phone, given_back: 0 })
  expect(await say(phone, 'hola')).toHaveLength(1)
})

it('a wish to have data erased waits until somebody settles it, from strangers too', async () => {
  const phone = freshPhone()
  await say(phone, 'borrar mis datos')
  expect(await requestOf(phone)).toMatchObject({ 2: 'erasure', 4: '-', 5: '-' })
  await say(phone, 'borrar mis datos')
  expect((await typed('requests', 'list')).stdout.match(new RegExp(`\\${phone}`, 'g'))).toHaveLength(1)
})

it('says in a sentence what is no request', async () => {
  expect(await typed('requests', 'settle', 'x')).toMatchObject({ code: 64 })
  expect(await typed('requests', 'settle', '123456')).toMatchObject({
    code: 1,
    stderr: 'There is no such request. `portero requests list` shows those that wait.\n',
  })
})
