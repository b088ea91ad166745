import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OpenApi, renderApi } from './render-api.ts'
import { renderConfigReference, renderConfigSchema, renderExample } from './render-config.ts'
import { renderErrors } from './render-errors.ts'
import { renderEvents } from './render-events.ts'

/**
 * Writes every file that repeats what the source says. With `--check` it writes nothing, names those that are stale, and
 * fails if there are any.
 */
async function generate(isCheck: boolean): Promise<void> {
  const stale: string[] = []
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    stale.push(path)
    if (isCheck) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const path of stale) console.log(`${isCheck ? 'stale' : 'written'}: ${path}`)
  if (isCheck && stale.length > 0) {
    console.error('Run `npm run generate` and commit what it writes.')
    process.exitCode = 1
  }
}

async function generatedFiles(): Promise<Record<string, string>> {
  const api = await openApi()
  return {
    'config.schema.json': renderConfigSchema(),
    'portero.example.yaml': renderExample(),
    'docs/reference/configuration.md': renderConfigReference(),
    'docs/reference/errors.md': renderErrors(),
    'docs/reference/events.md': renderEvents(),
    ...(api && {
      'openapi.json': `${JSON.stringify(api, null, 2)}\n`,
      'docs/reference/api.md': renderApi(api),
    }),
  }
}

async function openApi(): Promise<OpenApi | undefined> {
  const source = new URL('../src/api/openapi.ts', import.meta.url)
  if (!existsSync(source)) return undefined
  const { openApiDocument } = (await import(source.href)) as { openApiDocument(): Promise<OpenApi> }
  return openApiDocument()
}

await generate(process.argv.includes('--check'))
