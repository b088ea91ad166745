import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { type Child, type Core, startChild } from './children.ts'

/** Portero as it is started by everybody, in a process of its own. */
export type TestedPortero = Child & {
  readonly port: number
  /** From the start of the process until it said that it is ready. */
  readonly startMs: number
}

/** What Portero takes for its address here, whatever its port. */
export const publicUrl = 'http://localhost:8081'

const root = new URL('../../', import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  scripts: { start: string }
}
/** What `npm start` gives to node: its flags, the program, the command. */
const startArguments = scripts.start
  .split(' ')
  .slice(2)
  .map((word) => (word === 'src/main.ts' ? new URL(word, root).pathname : word))

/** A folder for the data of Portero that database users may pass through. */
export async function dataFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await temporaryFolder()
  return { path: join(folder.path, 'data'), remove: folder.remove }
}

/** Starts Portero as `npm start` does, on a free port, with codes on the terminal, and resolves when it is ready. */
export async function startPortero(
  dataDir: string,
  options: { core: Core; upstreamPort?: number; env?: Readonly<Record<string, string>> },
): Promise<TestedPortero> {
  const startedAt = performance.now()
  const child = startChild(process.execPath, startArguments, {
    core: options.core,
    env: {
      NODE_ENV: 'production',
      PORT: '0',
      PORTERO_DATA_DIR: dataDir,
      PORTERO_DELIVERY__CONSOLE: 'true',
      PORTERO_PEOPLE__ADMISSION: 'open',
      PORTERO_PUBLIC_URL: publicUrl,
      PORTERO_LOG__LEVEL: 'warn',
      OPENWEBUI_JWT_SECRET: 'a secret that this bench shares with nobody',
      ...(options.upstreamPort === undefined
        ? {}
        : {
            OPENWEBUI_URL: `http://127.0.0.1:${options.upstreamPort}`,
            PORTERO_UPSTREAM__KIND: 'generic',
          }),
      ...options.env,
    },
  })
  const [, port] = await said(child, /ready on http:\/\/[^ ]*:(\d+)/)
  return { ...child, port: Number(port), startMs: performance.now() - startedAt }
}

/** The processes of the embedded server: the first one is in its pid file, the others are its children. */
export function postgresOf(dataDir: string): number[] {
  const [line] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
  const pid = Number(line)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/)
  return [pid, ...children.map(Number)]
}

/** Signs a person in and answers the `Cookie` header of the browser. */
export async function signIn(portero: TestedPortero, phone = '+5511961234567'): Promise<string> {
  const code = said(portero, /\b(\d{6})\b/)
  await post(portero.port, '/otp/request', { phone })
  const [, digits] = await code
  const answer = await post(portero.port, '/otp/verify', { phone, code: digits! })
  return answer.setCookie.map((cookie) => cookie.split(';', 1)[0]).join('; ')
}

function said(child: Child, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = ''
    const listen = (chunk: Buffer): void => {
      text += chunk
      const found = pattern.exec(text)
      if (found === null) return
      child.process.stdout!.off('data', listen)
      // Nobody else reads what it says from now on; it must not wait for that.
      child.process.stdout!.resume()
      resolve(found)
    }
    child.process.stdout!.on('data', listen)
    child.process.once('exit', () => reject(new Error(`Portero ended, having said: ${text}`)))
  })
}

/** One answer, whole. */
export type Answer = { status: number; rawHeaders: string[]; setCookie: string[]; body: Buffer }

/** Asks once, on a connection of its own. */
export function get(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send(port, 'GET', path, headers)
}

async function post(port: number, path: string, body: object): Promise<Answer> {
  const answer = await send(port, 'POST', path, { 'content-type': 'application/json' }, JSON.stringify(body))
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`)
  return answer
}

function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, async (res) => {
      const chunks: Buffer[] = []
      for await (const chunk of res) chunks.push(chunk)
      resolve({
        status: res.statusCode!,
        rawHeaders: res.rawHeaders,
        setCookie: res.headers['set-cookie'] ?? [],
        body: Buffer.concat(chunks),
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
