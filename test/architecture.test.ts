import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Imports point down only. What a file of `src/` belongs to is the longest of these that its path begins with. */
const floors: Record<string, number> = {
  ...{ 'main.ts': 7, 'cli/': 6, 'compose/': 5 },
  ...{ 'config/': 4 },
  ...{ 'api/': 3, 'pages/': 3, 'gateway/': 3, 'bot/': 3, 'oidc/': 3, 'admin/': 3 },
  ...{ 'http/': 2, 'adapters/': 2 },
  ...{ 'domain/': 1 },
  ...{ 'lib/': 0 },
}

/** What a part may use only in these places: elsewhere it is an argument. The scripts of the pages run in the browser. */
const worldTouching: [what: string, pattern: RegExp, allowedIn: string[]][] = [
  ['the environment', /\bprocess\.env\b/, ['main.ts']],
  ['the clock', /\bDate\.now\(|\bnew Date\(\)/, ['cli/', 'pages/script.ts']],
  ['chance', /\bMath\.random\(/, []],
  ['the network', /(?<![.\w])fetch\(/, ['pages/script.ts', 'pages/demo/simulator-script.ts']],
]

/** What the domain must not know: HTTP, SQL, and any vendor's library. */
const foreignToDomain = /^(fastify|@fastify\/.*|pg|kysely|undici|ws|pino|node:(http2?|https|net|tls))$/

const src = fileURLToPath(new URL('../src/', import.meta.url))
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
const code = new Map(files.map((path) => [path, withoutComments(readFileSync(join(src, path), 'utf8'))]))
const isTest = (path: string) => /\.(test|contract)\.ts$/.test(path)
const parts = files.filter((path) => !isTest(path))

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, '')
}

/** All that a file imports: packages by name, files of ours by their path under `src/`. */
function importsOf(path: string): string[] {
  const found = code.get(path)!.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...found].map(([, name]) => (name!.startsWith('.') ? normalize(join(path, '..', name!)) : name!))
}

/** The folder whose neighbours on the same floor it must not see: for adapters, the one below. */
function placeOf(path: string): { name: string; floor: number } | undefined {
  const top = Object.keys(floors).find(
    (name) => path === name || (name.endsWith('/') && path.startsWith(name)),
  )
  if (top === undefined) return undefined
  const name = top === 'adapters/' ? path.split('/').slice(0, 2).join('/') : top
  return { name, floor: floors[top]! }
}

/** Shared by the adapters that speak to the same vendor. */
const isSharedByAdapters = (name: string) => name === 'adapters/vendors'

function mayImport(from: string, to: string): boolean {
  const [lower, upper] = [placeOf(to)!, placeOf(from)!]
  if (upper.floor !== lower.floor) return upper.floor > lower.floor
  return upper.name === lower.name || isSharedByAdapters(lower.name)
}

/** The first ring of imports that can be reached from here, if there is one. */
function cycleFrom(path: string, above: string[], clean: Set<string>): string[] | undefined {
  if (above.includes(path)) return [...above.slice(above.indexOf(path)), path]
  if (clean.has(path)) return undefined
  for (const next of importsOf(path)) {
    const cycle = code.has(next) ? cycleFrom(next, [...above, path], clean) : undefined
    if (cycle) return cycle
  }
  clean.add(path)
  return undefined
}

describe('the house', () => {
  it('has a floor for every file', () => {
    expect(parts.filter((path) => placeOf(path) === undefined)).toEqual([])
  })

  it('imports only downwards, and never a neighbour on the same floor', () => {
    const wrong = parts.flatMap((path) =>
      importsOf(path)
        .filter((to) => code.has(to) && placeOf(path) && placeOf(to) && !mayImport(path, to))
        .map((to) => `${path} → ${to}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no import cycles between files', () => {
    const clean = new Set<string>()
    expect(files.flatMap((path) => cycleFrom(path, [], clean)?.join(' → ') ?? [])).toEqual([])
  })

  it.each(worldTouching)('touches %s only where it is allowed', (_what, pattern, allowedIn) => {
    const wrong = parts.filter(
      (path) => pattern.test(code.get(path)!) && !allowedIn.some((place) => path.startsWith(place)),
    )
    expect(wrong).toEqual([])
  })

  it('has a domain that knows no HTTP, no SQL and no vendor', () => {
    const wrong = parts.filter((path) => path.startsWith('domain/'))
    expect(wrong.filter((path) => importsOf(path).some((name) => foreignToDomain.test(name)))).toEqual([])
  })
})
