import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** The release that Portero is tried against. */
export const openWebuiVersion = '0.12.4'

const uvVersion = '0.13.9'

/** Neither signing in nor chatting needs them, and they are most of the download. */
const leftOut = [
  ...[
    'torch',
    'torchvision',
    'sentence-transformers',
    'transformers',
    'accelerate',
    'faster-whisper',
    'rapidocr',
  ],
  ...[
    'rapidocr-onnxruntime',
    'opencv-python',
    'opencv-python-headless',
    'pyarrow',
    'kubernetes',
    'onnxruntime',
  ],
  ...['tokenizers', 'sentencepiece', 'soundfile', 'pandas', 'einops'],
]

const overrides = leftOut.map((name) => `${name} ; python_version < "3"\n`).join('')

/** Open WebUI parses its own changes of all years at each start, which takes seconds. */
const shortChangelog = '# Changelog\n'

export type OpenWebuiInstall = {
  /** The program `open-webui`. */
  readonly command: string
  /** How long installing took; 0 when it was there. */
  readonly seconds: number
}

type Say = (line: string) => void

const sayAloud: Say = (line) => void process.stdout.write(`${line}\n`)

/**
 * Open WebUI in a Python environment outside the repository, made once and kept: `$XDG_CACHE_HOME/portero/open-webui-…`, or the
 * folder that PORTERO_TEST_OPENWEBUI_DIR names. Needs Python 3.11 or 3.12 with venv, and PyPI the first time. What is
 * not complete never stands under that name. Rejects with a sentence that says what is missing.
 */
export async function installOpenWebui(say: Say = sayAloud): Promise<OpenWebuiInstall> {
  const folder = process.env.PORTERO_TEST_OPENWEBUI_DIR ?? cacheFolder()
  const command = join(folder, 'venv', 'bin', 'open-webui')
  if (await exists(command)) return { command, seconds: 0 }

  const began = performance.now()
  const python = await suitablePython()
  say(`Open WebUI ${openWebuiVersion}: installing into ${folder} (once; some 720 MB, a minute or two)`)
  await mkdir(dirname(folder), { recursive: true })
  await removeLeftovers(folder)
  const building = `${folder}.building-${process.pid}`
  try {
    await build(building, python, say)
    await rename(building, folder).catch(async (error: unknown) => {
      // Another run may have been faster; its install is as good.
      if (!(await exists(command))) throw error
    })
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  say(`Open WebUI ${openWebuiVersion}: installed in ${seconds} s`)
  return { command, seconds }
}

function cacheFolder(): string {
  const recipe = createHash('sha256').update([uvVersion, overrides, shortChangelog].join('\n')).digest('hex')
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(cache, 'portero', `open-webui-${openWebuiVersion}-${recipe.slice(0, 10)}`)
}

async function build(folder: string, python: string, say: Say): Promise<void> {
  const tools = join(folder, 'tools')
  const venv = join(folder, 'venv')
  const uv = join(tools, 'bin', 'uv')
  await mkdir(folder)
  await writeFile(join(folder, 'overrides.txt'), overrides)
  say('  a Python environment with uv')
  await run(python, ['-m', 'venv', tools])
  await run(join(tools, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', `uv==${uvVersion}`])
  // Relocatable, because the folder is renamed when it is complete.
  await run(uv, ['venv', '--no-config', '--quiet', '--relocatable', '--python', python, venv])
  say(`  open-webui ${openWebuiVersion} with its packages`)
  const packages = ['--override', join(folder, 'overrides.txt'), `open-webui==${openWebuiVersion}`]
  await run(uv, [
    'pip',
    'install',
    '--no-config',
    '--quiet',
    '--python',
    join(venv, 'bin', 'python'),
    ...packages,
  ])
  await shortenChangelog(venv)
  await rm(tools, { recursive: true })
}

async function shortenChangelog(venv: string): Promise<void> {
  const find =
    'import importlib.util; print(importlib.util.find_spec("open_webui").submodule_search_locations[0])'
  const package_ = (await run(join(venv, 'bin', 'python'), ['-c', find])).trim()
  const changelog = join(package_, 'CHANGELOG.md')
  // Not written through: it may be a hard link to uv's own copy.
  await rm(changelog)
  await writeFile(changelog, shortChangelog)
}

/** The first of the usual names that is a Python which Open WebUI runs on and which can make environments. */
async function suitablePython(): Promise<string> {
  const ask =
    'import ensurepip, sys, venv; assert (3, 11) <= sys.version_info < (3, 13); print(sys.executable)'
  for (const name of ['python3.11', 'python3.12', 'python3']) {
    const found = await run(name, ['-c', ask]).catch(() => undefined)
    if (found !== undefined) return found.trim()
  }
  throw new Error(
    'Open WebUI needs Python 3.11 or 3.12 with the module venv, and none of python3.11, python3.12 and python3 is one. On Debian: ' +
      'apt-get install python3 python3-venv',
  )
}

/** What runs that were cut off have left. */
async function removeLeftovers(folder: string): Promise<void> {
  const start = `${basename(folder)}.building-`
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(start) || isRunning(Number(name.slice(start.length)))) continue
    await rm(join(dirname(folder), name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What the program prints. Rejects with the end of what it complained about. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    let complained = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    child.stderr.on('data', (chunk) => {
      complained += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve(printed)
      const tail = complained.trim().split('\n').slice(-12).join('\n')
      const hint =
        'It comes from PyPI, by the proxy and index settings of pip and uv: see whether this machine gets there'
      reject(
        new Error(
          `Open WebUI could not be installed: ${basename(program)} ended with ${code}. ${hint}.\n${tail}`,
        ),
      )
    })
  })
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
