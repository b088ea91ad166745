import { access, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openWebuiVersion } from '../test/support/open-webui/install.ts'
import { modelName, openStandInModel } from '../test/support/open-webui/model.ts'
import { startOpenWebui } from '../test/support/open-webui/start.ts'
import type { Bench } from './bench.ts'
import { ask, startNode } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { median, percentile } from './support/median.ts'
import { dataFolder, get, publicUrl, signIn, startPortero } from './support/portero.ts'

/** What the client of this bench is to do: ask a chat for an answer, one question after the other. */
export type ChatTask = {
  readonly port: number
  readonly cookie: string
  /** Open WebUI's own token for the person. */
  readonly token: string
  readonly model: string
  readonly count: number
}

const rounds = 10
const chatsPerRound = 12
const work = 'chat stream of Open WebUI, first byte, added p95'

/**
 * What Portero adds to the first byte of a streamed chat, against the same Open WebUI reached directly. It takes the one at
 * PORTERO_BENCH_OPENWEBUI, which must know Portero's headers and have a model, or else starts the one that
 * `npm run test:openwebui` has installed; it installs none.
 */
export const chatStream: Bench = {
  name: 'chat-stream',
  steps: rounds * 2,
  async run({ progress }) {
    const app = await findOpenWebui()
    if (app === undefined) {
      const note =
        'left out: no Open WebUI; npm run test:openwebui installs one, PORTERO_BENCH_OPENWEBUI names one'
      return [{ work, portero: '', beside: '', figure: undefined, unit: 'ms', target: { atMost: 5 }, note }]
    }
    const folder = await dataFolder()
    const upstreamPort = Number(app.url.port)
    const env = { PORTERO_UPSTREAM__KIND: 'open-webui' }
    const portero = await startPortero(folder.path, { core: 'tested', upstreamPort, env })
    const cookie = await signIn(portero)
    const token = await signInDirectly(app.url, portero.port, cookie)
    const client = await startNode('chat-client', { core: 'load' })
    const task = {
      cookie,
      token,
      model: app.model ?? (await someModel(app.url, token)),
      count: chatsPerRound,
    }
    const times = (port: number) => () => ask<number[]>(client, { ...task, port })
    // The first answers pay for what Open WebUI makes once.
    await times(upstreamPort)()
    await times(portero.port)()
    const did = await interleave(
      rounds,
      { direct: times(upstreamPort), through: times(portero.port) },
      progress,
    )
    await Promise.all([client.stop(), portero.stop()])
    await app.stop()
    await folder.remove()
    const [direct, through] = [did.direct.flat(), did.through.flat()]
    return [
      {
        work,
        portero: `p95 ${percentile(through, 0.95).toFixed(1)} ms`,
        beside: `direct p95 ${percentile(direct, 0.95).toFixed(1)} ms`,
        figure: Math.max(0, percentile(through, 0.95) - percentile(direct, 0.95)),
        unit: 'ms',
        target: { atMost: 5 },
        note: `median ${(median(through) - median(direct)).toFixed(1)} ms later`,
      },
    ]
  },
}

type App = { readonly url: URL; readonly model: string | undefined; stop(): Promise<void> }

async function findOpenWebui(): Promise<App | undefined> {
  const given = process.env.PORTERO_BENCH_OPENWEBUI
  if (given !== undefined) return { url: new URL(given), model: undefined, stop: async () => {} }
  if (!(await isInstalled())) return undefined
  const model = await openStandInModel()
  model.pauseMs = 0
  const app = await startOpenWebui({ publicUrl, modelUrl: model.url })
  return {
    url: new URL(app.url),
    model: modelName,
    async stop() {
      await app.stop()
      await model.close()
    },
  }
}

async function isInstalled(): Promise<boolean> {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'portero')
  const names = await readdir(folder).catch(() => [])
  const ours = names.filter(
    (name) => name.startsWith(`open-webui-${openWebuiVersion}-`) && !name.includes('.building'),
  )
  const folders = [process.env.PORTERO_TEST_OPENWEBUI_DIR, ...ours.map((name) => join(folder, name))]
  const found = folders.map(
    (path) =>
      path &&
      access(join(path, 'venv', 'bin', 'open-webui')).then(
        () => true,
        () => false,
      ),
  )
  return (await Promise.all(found)).some(Boolean)
}

/** Signs the person of a session in to Open WebUI past Portero, with the headers that Portero would send. */
async function signInDirectly(app: URL, porteroPort: number, cookie: string): Promise<string> {
  const { rawHeaders } = await get(porteroPort, '/_portero/auth', { cookie })
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (/^x-portero-(?:email|name)$/i.test(rawHeaders[i]!)) headers[rawHeaders[i]!] = rawHeaders[i + 1]!
  }
  const body = JSON.stringify({ email: '', password: '' })
  const answer = await fetch(new URL('/api/v1/auths/signin', app), { method: 'POST', headers, body })
  const { token } = (await answer.json()) as { token?: string }
  if (token === undefined)
    throw new Error(`Open WebUI gives no token, but ${answer.status}: it must trust X-Portero-Email`)
  return token
}

async function someModel(app: URL, token: string): Promise<string> {
  const answer = await fetch(new URL('/api/models', app), { headers: { authorization: `Bearer ${token}` } })
  const { data } = (await answer.json()) as { data?: { id: string }[] }
  if (data?.[0] === undefined) throw new Error('this Open WebUI has no model that the person may use')
  return data[0].id
}
