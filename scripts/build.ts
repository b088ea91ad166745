import { spawnSync } from 'node:child_process'
import { cpSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Writes `dist/` anew: `src/` without its types and tests, and beside it the files that it reads at run time. Types are only
 * taken away here; `npm run check` looks at them.
 */
function build(): number {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const { status } = spawnSync(process.execPath, [compiler(), '--project', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) return status ?? 1
  cpSync(join(root, 'src'), join(root, 'dist'), { recursive: true, filter: isNoSource })
  return 0
}

function compiler(): string {
  const description = createRequire(import.meta.url).resolve('typescript/package.json')
  return join(dirname(description), 'bin', 'tsc')
}

function isNoSource(path: string): boolean {
  return statSync(path).isDirectory() || !path.endsWith('.ts')
}

process.exitCode = build()
