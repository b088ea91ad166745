import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../src/cli/run.ts'
import { isMissing, skipReason } from './support/installed-programs.ts'
import { openPorteroInProcess, type PorteroInProcess } from './support/portero-in-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
]

const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** The fenced blocks of one language, in order. */
function blocksOf(path: string, language: string): string[] {
  return [...read(path).matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text!)
}

/** Targets of links and pictures, code left out. */
function linksOf(path: string): string[] {
  const prose = read(path)
    .replace(/^ *```[\s\S]*?^ *```$/gm, '')
    .replace(/`[^`\n]*`/g, 'code')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
}

/** The anchors that GitHub makes of headings, and those that stand in the text. */
function anchorsOf(path: string): Set<string> {
  const text = read(path)
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)])
}

describe('the documentation', () => {
  it.each(pages)('%s leads only to files and headings that exist', (page) => {
    const broken = linksOf(page)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split('#') as [string, string?]
        const file = path === '' ? page : relative(root, join(root, dirname(page), path))
        if (!existsSync(join(root, file))) return true
        return anchor !== undefined && !anchorsOf(file).has(anchor)
      })
    expect(broken).toEqual([])
  })

  it('names only files of the source that exist', () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\b(?:src|test|scripts|deploy)\/[\w./-]+\.(?:ts|sql|conf)\b/g)].map(
        ([path]) => `${page}: ${path}`,
      ),
    )
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter((line) => !existsSync(join(root, line.split(': ')[1]!)))).toEqual([])
  })

  it('names only commands that there are', () => {
    const known = commands.map(({ name }) => name)
    const typed = pages
      .filter((page) => !page.includes('reference'))
      .flatMap((page) => [
        ...read(page).matchAll(/(?:^|`)(?:npm run portero -- |portero )([a-z]+(?: [a-z]+)?)/gm),
      ])
      .map(([, words]) => words!)
    expect(typed.length).toBeGreaterThan(10)
    expect(
      typed.filter((words) => !known.some((name) => words === name || words.startsWith(`${name} `))),
    ).toEqual([])
  })

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const typed = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name!),
    )
    expect(typed.length).toBeGreaterThan(5)
    expect(typed.filter((name) => !(name in scripts))).toEqual([])
  })

  it('gives every decision a line in the list, and every dependency a row', () => {
    const list = read('docs/decisions/README.md')
    const decisions = readdirSync(join(root, 'docs/decisions')).filter((name) => name !== 'README.md')
    expect(decisions.filter((name) => !list.includes(`(${name})`))).toEqual([])
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const rows = read('docs/decisions/dependencies.md')
    const names = Object.keys({ ...dependencies, ...devDependencies })
    expect(names.filter((name) => !rows.includes(`\`${name}\``))).toEqual([])
  })
})

describe('the examples, followed to the letter', () => {
  let portero: PorteroInProcess
  beforeAll(async () => {
    portero = await openPorteroInProcess()
  })
  afterAll(() => portero.close())

  const shell = async (command: string) => {
    const here = command.replaceAll('http://127.0.0.1:8081', portero.url).replace('xdg-open', 'curl -s -i')
    return (await run('sh', ['-c', here])).stdout
  }
  const javascript = async (code: string, env: Record<string, string> = {}) => {
    const args = ['--input-type=module', '--eval', code]
    const options = { cwd: root, env: { ...process.env, PORTERO_URL: portero.url, ...env } }
    return (await run(process.execPath, args, options)).stdout
  }

  it.skipIf(isMissing('curl'))(
    `of README lead with curl into the application${skipReason('curl')}`,
    async () => {
      const [request, verify, open] = blocksOf('README.md', 'sh')
      const { code } = JSON.parse(await shell(request!))
      const { token } = JSON.parse(await shell(verify!.replace('<code>', code)))
      expect(await shell(open!.replace('<token>', token))).toMatch(
        /^HTTP\/1\.1 303 [\s\S]*^location: \/\r$/im,
      )
    },
  )

  it('of the JavaScript guides sign in, refresh, and check both kinds of token', async () => {
    const [signIn, check] = blocksOf('docs/guide/sign-in-api.md', 'js')
    const [assertion] = blocksOf('docs/guide/reverse-proxy.md', 'js')
    const said = await javascript(signIn!)
    expect(said).toMatch(/^signed in: [\da-f-]{36} confirmed\nstill: \+5511961234567\n/)

    const token = said.trim().split('token=')[1]!
    const { iss, sub } = decodeJwt(token)
    const env = { TOKEN: token, PORTERO_ISSUER: iss! }
    const print = (expression: string) => `console.log(JSON.stringify(await ${expression}))`
    const claims = await javascript(`${check}\n${print('checkToken(process.env.TOKEN)')}`, env)
    expect(JSON.parse(claims)).toMatchObject({ sub, acr: 'verified' })

    const auth = await fetch(`${portero.url}/_portero/auth`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const headers = JSON.stringify(Object.fromEntries(auth.headers))
    const asked = await javascript(`${assertion}\n${print(`whoAsks(${headers})`)}`, {
      ...env,
      PORTERO_AUDIENCE: 'portero-app',
    })
    expect(JSON.parse(asked)).toEqual({ id: sub, phone: '+5511961234567', name: '', groups: [] })
  })

  it.skipIf(isMissing('python3'))(
    `of the Python guide sign in and refresh${skipReason('python3')}`,
    async () => {
      const [signIn] = blocksOf('docs/guide/sign-in-api.md', 'python')
      const env = { ...process.env, PORTERO_URL: portero.url }
      const { stdout } = await run('python3', ['-c', signIn!], { env })
      expect(stdout).toMatch(/^signed in: [\da-f-]{36} confirmed\nstill: \+5511961234567\n$/)
    },
  )
})
