/** Listens to events, talks on websockets or merely holds them, and answers how long things took, in ms. */
import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { StreamTask } from '../streams.ts'

/** Between two things that one stream or socket says. */
const everyMs = 20

let held: WebSocket[] = []
process.on('message', async (task: StreamTask) => process.send!(await tasks[task.kind](task)))
process.on('disconnect', () => process.exit())
process.send!({ port: 0 })

const now = (): number => performance.timeOrigin + performance.now()

const tasks: Record<StreamTask['kind'], (task: StreamTask) => Promise<number[]>> = {
  async events({ port, cookie, count, seconds }) {
    const late: number[] = []
    const streams: ClientRequest[] = []
    for (let i = 0; i < count; i++) {
      const asked = request({ port, host: '127.0.0.1', path: '/events', headers: { cookie }, agent: false })
      asked.on('error', () => {})
      asked.on('response', (res) => {
        res.on('error', () => {})
        res.on('data', (chunk: Buffer) => late.push(now() - Number(/[\d.]+/.exec(chunk.toString())![0])))
      })
      asked.end()
      streams.push(asked)
      // Apart, so that none is measured by how long it waits for the others.
      await sleep(everyMs / count)
    }
    await sleep(seconds * 1000)
    for (const stream of streams) stream.destroy()
    return late
  },
  async echoes(task) {
    const times: number[] = []
    const sockets = await open(task)
    for (const socket of sockets) socket.on('message', (data) => times.push(now() - Number(data.toString())))
    const timers: NodeJS.Timeout[] = []
    for (const socket of sockets) {
      timers.push(setInterval(() => socket.send(String(now())), everyMs))
      await sleep(everyMs / task.count)
    }
    await sleep(task.seconds * 1000)
    for (const timer of timers) clearInterval(timer)
    for (const socket of sockets) socket.terminate()
    return times
  },
  async hold(task) {
    held = await open(task)
    return []
  },
  async count() {
    return [held.filter(({ readyState }) => readyState === WebSocket.OPEN).length]
  },
  async drop() {
    for (const socket of held) socket.terminate()
    held = []
    return []
  },
}

async function open({ port, cookie, origin, count }: StreamTask): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(50, count - sockets.length) }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, {
        ...{ headers: { cookie }, origin, perMessageDeflate: false },
      })
      socket.on('error', () => {})
      return socket
    })
    await Promise.all(some.map((socket) => once(socket, 'open')))
    sockets.push(...some)
  }
  return sockets
}
