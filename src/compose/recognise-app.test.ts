import { expect, it } from 'vitest'
import { Refusal } from '../domain/errors.ts'
import { recogniseByAsking } from './recognise-app.ts'

function openApp() {
  const app = { answer: async (): Promise<boolean> => true, asked: 0, now: 0 }
  const recognised = recogniseByAsking({
    ask: () => {
      app.asked++
      return app.answer()
    },
    now: () => app.now,
  })
  return { app, recognised }
}
const away = () => Promise.reject(new Refusal('upstream_unreachable'))
const silent = () => Promise.reject(new Refusal('upstream_timeout'))

it('a yes is asked for once, however many wait for it, and stands', async () => {
  const { app, recognised } = openApp()
  expect(await Promise.all([recognised.isKnown(), recognised.isKnown()])).toEqual([true, true])
  app.answer = away
  app.now = 1e9
  expect([recognised.isKnown(), app.asked]).toEqual([true, 1])
})

it('a no is believed for half a minute, and asked about again in the background', async () => {
  const { app, recognised } = openApp()
  app.answer = async () => false
  expect(await recognised.isKnown()).toBe(false)
  app.answer = async () => true
  app.now = 29_999
  expect([recognised.isKnown(), app.asked]).toEqual([false, 1])
  app.now = 30_000
  expect(recognised.isKnown()).toBe(false)
  await new Promise((next) => setImmediate(next))
  expect([recognised.isKnown(), app.asked]).toEqual([true, 2])
})

it('an application that is away is asked each time, until it has said something', async () => {
  const { app, recognised } = openApp()
  app.answer = away
  for (let i = 0; i < 2; i++) await expect(recognised.isKnown()).rejects.toThrow(Refusal)
  app.answer = async () => false
  expect(await recognised.isKnown()).toBe(false)
  app.answer = away
  app.now = 30_000
  expect(recognised.isKnown()).toBe(false)
  await new Promise((next) => setImmediate(next))
  expect([recognised.isKnown(), recognised.sofar]).toEqual([false, false])
})

it('one that never says what it is counts as unknown for the time being', async () => {
  const { app, recognised } = openApp()
  app.answer = silent
  expect(await recognised.isKnown()).toBe(false)
})
