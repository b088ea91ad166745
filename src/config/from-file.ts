import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml'
import { type Given, type GivenValue, unknownName } from './given.ts'
import { configKeys } from './keys.ts'
import type { Finding } from './problem.ts'

/** What the text of a configuration file gives. `name` is how the file is called in what is said about it. */
export function fromFile(text: string, name: string): Given {
  const document = parseDocument(text, { stringKeys: true })
  // The library's messages quote the line, which may hold a secret; its place is enough.
  const faults = [...document.errors, ...document.warnings].map((fault) => ({
    keys: [],
    text: `${name}, line ${fault.linePos?.[0].line ?? '?'}: this is not YAML that Portero can read (${fault.code}).`,
  }))
  if (faults.length > 0) return { values: new Map(), findings: faults }
  if (document.contents === null) return { values: new Map(), findings: [] }

  const values = new Map<string, GivenValue>()
  const findings: Finding[] = []
  walk(document.contents, '')
  return { values, findings }

  function walk(node: unknown, path: string): void {
    if (node === null || (isScalar(node) && node.value === null)) return
    const key = configKeys.find((candidate) => candidate.path === path)
    if (key !== undefined) {
      const isText = key.kind === 'text' || key.kind === 'list'
      values.set(path, { value: isText ? written(node) : plain(node), source: name })
    } else if (isMap(node) && (path === '' || isSection(path))) {
      for (const pair of node.items as Pair<{ value: string }>[]) {
        walk(pair.value, path === '' ? pair.key.value : `${path}.${pair.key.value}`)
      }
    } else if (path === '' || isSection(path)) {
      findings.push({
        keys: [],
        text: `${path || 'The whole'} (${name}) must be a mapping of keys to values.`,
      })
    } else {
      findings.push(unknownName(path, knownPaths, name))
    }
  }

  /** Text as it stands in the file: YAML would make a number of +5511961234567 and lose its plus. */
  function written(node: unknown): unknown {
    if (isSeq(node)) return node.items.map(written)
    return isScalar(node) && typeof node.value !== 'string' ? node.source : plain(node)
  }

  function plain(node: unknown): unknown {
    return (node as Node).toJS(document)
  }
}

const knownPaths = configKeys.map((key) => key.path)

function isSection(path: string): boolean {
  return knownPaths.some((known) => known.startsWith(`${path}.`))
}
