import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from '../call.ts'
import { modelName, openStandInModel, type StandInModel } from './model.ts'

let model: StandInModel
beforeAll(async () => {
  model = await openStandInModel()
})
afterAll(() => model.close())

const chat = (content: string, stream: boolean) =>
  call(`${model.url}/chat/completions`, {
    json: { model: modelName, stream, messages: [{ role: 'user', content }] },
  })

const wordsOf = (text: string) => [...text.matchAll(/"content":"([^"]*)"/g)].map(([, word]) => word)

test('lists itself', async () => {
  expect((await call(`${model.url}/models`)).json.data).toMatchObject([{ id: modelName }])
})

test('answers at once as JSON', async () => {
  const { json } = await chat('hello', false)
  expect(json.choices[0].message.content).toBe(model.words.join(''))
})

test('streams word by word, with its own pause', async () => {
  const answer = await chat('hello', true)
  expect(answer.headers['content-type']).toBe('text/event-stream')
  expect(wordsOf(answer.text)).toEqual(model.words)
  expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(answer.ms).toBeGreaterThan(model.words.length * (model.pauseMs - 2))
})

test('streams as long and as slowly as the message says', async () => {
  const answer = await chat('words=3 pause=100', true)
  expect(wordsOf(answer.text)).toEqual(model.words.slice(0, 3))
  expect(answer.ms).toBeGreaterThan(290)
})

test('tells what it was asked', async () => {
  await chat('a question', false)
  const asked = (await call(model.url.replace('/v1', '/requests'))).json
  expect(asked.at(-1)).toMatchObject({
    path: '/v1/chat/completions',
    body: { messages: [{ content: 'a question' }] },
  })
})
