import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The Chromium of npm's @sparticuz/chromium, unpacked once into node_modules/.cache (211 MB, a second or two), and what
 * it needs in its environment, and only there: the libraries that it carries must not reach other programs.
 */
export async function unpackedChromium(): Promise<{
  executablePath: string
  env: { LD_LIBRARY_PATH: string; FONTCONFIG_FILE: string }
}> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('npm brings Chromium for Linux on x64 only. Install Chrome, or set CHROME_PATH to one.')
  }
  const packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))))
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
  const folder = join(checkout, 'node_modules', '.cache', `portero-chromium-${version}`)
  if (!(await isThere(folder))) await unpack(join(packageFolder, 'bin'), folder)
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, 'our-fonts.conf'),
    },
  }
}

/** Unpacks into a folder beside, which is then renamed: several at once do the work twice, never by halves. */
async function unpack(archives: string, folder: string): Promise<void> {
  const unfinished = `${folder}.${randomBytes(4).toString('hex')}`
  await mkdir(unfinished, { recursive: true })
  const names = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']
  const files = names.map((name) => join(archives, name))
  const script = `import { inflate } from '@sparticuz/chromium'
    await Promise.all(${JSON.stringify(files)}.map((file) => inflate(file)))`
  // The package unpacks into the folder for temporary files and nowhere else, so its own process has another one.
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: checkout,
    env: { ...process.env, TMPDIR: unfinished },
  })
  // The package's own file names folders that are not ours.
  await writeFile(
    join(unfinished, 'our-fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`,
  )
  await rename(unfinished, folder).catch(async (error) => {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await isThere(folder))) throw error
  })
}

async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined)) !== undefined
}
