import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../temporary-folder.ts'
import { freePort } from './free-ports.ts'
import { installOpenWebui } from './install.ts'
import { settingsBehindPortero } from './settings.ts'

/** How long a busy machine may take; a quiet one needs some 25 s. */
const startTimeoutMs = 180_000

export type OpenWebuiOptions = {
  /** Where people's browsers reach it: Portero's own origin. */
  readonly publicUrl: string
  readonly port?: number
  /** A model's address with `/v1`; without one there is nobody to chat with. */
  readonly modelUrl?: string
  /** A data folder to go on with; otherwise a fresh one, which is gone after `stop`. */
  readonly dataDir?: string
  /** Laid over the environment below; an empty text leaves Open WebUI its own default. */
  readonly environment?: Readonly<Record<string, string>>
}

export type OpenWebui = {
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  /** From the start to the first answer. */
  readonly startSeconds: number
  /** Everything that it has printed. */
  log(): string
  /** Ends it with its children. */
  stop(): Promise<void>
}

/** Starts the real Open WebUI, set up as it is behind Portero, and resolves when it answers. Rejects with the end of its log. */
export async function startOpenWebui(options: OpenWebuiOptions): Promise<OpenWebui> {
  const { command } = await installOpenWebui()
  const folder = options.dataDir === undefined ? await temporaryFolder() : undefined
  const dataDir = options.dataDir ?? folder!.path
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  await mkdir(join(dataDir, 'static'), { recursive: true })

  const began = performance.now()
  let log = ''
  const child = spawn(command, ['serve', '--host', '127.0.0.1', '--port', String(port)], {
    env: environmentOf(options, dataDir),
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, which is stopped as one.
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log += chunk
    })
  }
  async function stop(): Promise<void> {
    await endGroup(child)
    await folder?.remove()
  }
  try {
    await whenHealthy(url, child)
  } catch (error) {
    await stop()
    const tail = log.trimEnd().split('\n').slice(-40).join('\n')
    throw new Error(`Open WebUI did not start: ${(error as Error).message}. The end of its log:\n${tail}`)
  }
  const startSeconds = (performance.now() - began) / 1000
  return { url, pid: child.pid!, dataDir, startSeconds, log: () => log, stop }
}

/** Offline, on nothing but its own folder, and quiet: no request to the model that a person has not sent. */
function environmentOf(options: OpenWebuiOptions, dataDir: string): Record<string, string> {
  const { publicUrl, modelUrl = 'http://127.0.0.1:9/v1', environment } = options
  const all: Record<string, string> = {
    ...{ PATH: process.env.PATH ?? '', HOME: dataDir, LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1' },
    ...{ DATA_DIR: dataDir, STATIC_DIR: join(dataDir, 'static'), ENV: 'prod', OMP_NUM_THREADS: '1' },
    ...{ OFFLINE_MODE: 'true', ENABLE_VERSION_UPDATE_CHECK: 'false', ANONYMIZED_TELEMETRY: 'false' },
    ...{ ENABLE_PERSISTENT_CONFIG: 'false', VECTOR_DB: 'chroma', BYPASS_MODEL_ACCESS_CONTROL: 'true' },
    ...{ ENABLE_OLLAMA_API: 'false', OPENAI_API_BASE_URLS: modelUrl, OPENAI_API_KEYS: 'none' },
    ...{ RAG_EMBEDDING_ENGINE: 'openai', RAG_OPENAI_API_BASE_URL: modelUrl, RAG_OPENAI_API_KEY: 'none' },
    ...{ AUDIO_STT_ENGINE: 'openai', ENABLE_TITLE_GENERATION: 'false', ENABLE_TAGS_GENERATION: 'false' },
    ...{ ENABLE_FOLLOW_UP_GENERATION: 'false', WEBUI_URL: publicUrl, CORS_ALLOW_ORIGIN: publicUrl },
    ...settingsBehindPortero,
    ...environment,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

async function whenHealthy(url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + startTimeoutMs
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error))
  failed.catch(() => {})
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    if (performance.now() > until) throw new Error(`no answer within ${startTimeoutMs / 1000} s`)
    const signal = AbortSignal.timeout(2_000)
    const answer = await Promise.race([fetch(`${url}/health`, { signal }).catch(() => undefined), failed])
    if (answer?.ok) return
    await Promise.race([sleep(200), failed])
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  signalGroup(child.pid, 'SIGTERM')
  const isSlow = await Promise.race([ended.then(() => false), sleep(5_000, true, { ref: false })])
  if (isSlow) signalGroup(child.pid, 'SIGKILL')
  await ended
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
