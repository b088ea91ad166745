import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { startProgram } from '../support/started-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
/** The unprivileged user of a run as root, whom no file of the image belongs to. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

type Instruction = { name: string; text: string }
type Stage = Instruction[]

/** The instructions of a Dockerfile by stage, the `FROM`s left out. */
function stagesOf(dockerfile: string): Stage[] {
  const lines = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
  const instructions = lines
    .map((line) => /^([A-Z]+) +(.*)$/.exec(line))
    .flatMap((found) => (found === null ? [] : [{ name: found[1]!, text: found[2]! }]))
  const starts = instructions.flatMap(({ name }, at) => (name === 'FROM' ? [at] : []))
  return starts.map((at, index) => instructions.slice(at + 1, starts[index + 1]))
}

/** Whether the context that Docker is sent holds a path: the last line of .dockerignore that speaks of it decides. */
function isSent(ignore: string, path: string): boolean {
  const names = path.split('/').map((_, at, all) => all.slice(0, at + 1).join('/'))
  const lines = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.reduce((so, line) => {
    if (line === '*') return false
    if (line.startsWith('**/*')) return so && !path.endsWith(line.slice(4))
    return names.includes(line.slice(1)) ? line.startsWith('!') : so
  }, true)
}

describe("the image's build, run outside a container", { timeout: 60_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let image: string
  let env: Record<string, string>
  let ignore: string

  /** Runs one stage with `/` being a folder here; `COPY --from` takes from `before`. */
  async function runStage(stage: Stage, slash: string, before?: string): Promise<void> {
    let here = slash
    for (const { name, text } of stage) {
      if (name === 'WORKDIR') {
        here = join(slash, text)
        await mkdir(here, { recursive: true })
      }
      if (name === 'COPY') await copy(text.split(' '), { slash, here, before })
      // The second stage's makes users and links, which is not ours to do to this machine.
      if (name === 'RUN' && before === undefined) await run('sh', ['-c', text], { cwd: here, env: buildEnv })
    }
  }
  /** `npm ci` before the tests has filled npm's cache with everything that the build asks for. */
  const buildEnv = { ...process.env, npm_config_prefer_offline: 'true' }

  async function copy(
    words: string[],
    { slash, here, before }: { slash: string; here: string; before: string | undefined },
  ): Promise<void> {
    const isFromStage = words[0]!.startsWith('--from=')
    const sources = words.slice(isFromStage ? 1 : 0, -1)
    const target = words.at(-1)!
    for (const source of sources) {
      if (!isFromStage) expect(isSent(ignore, source), `${source} is sent to Docker`).toBe(true)
      const from = join(isFromStage ? before! : root, source)
      const isFolder = (await stat(from)).isDirectory()
      const into = join(target.startsWith('/') ? slash : here, target, isFolder ? '' : basename(source))
      await mkdir(dirname(into), { recursive: true })
      const filter = (path: string) => isFromStage || isSent(ignore, path.slice(root.length))
      await cp(from, into, { recursive: true, verbatimSymlinks: true, filter })
    }
  }

  beforeAll(async () => {
    folder = await temporaryFolder()
    ignore = await readFile(join(root, '.dockerignore'), 'utf8')
    const [build, final] = stagesOf(await readFile(join(root, 'deploy/docker/Dockerfile'), 'utf8'))
    const building = join(folder.path, 'build')
    image = join(folder.path, 'image')
    await runStage(build!, building)
    await runStage(final!, image, building)
    await chmod(image, 0o755)
    const pairs = final!.find(({ name }) => name === 'ENV')!.text.matchAll(/(\w+)=(\S+)/g)
    env = Object.fromEntries([...pairs].map(([, name, value]) => [name, value]))
  }, 180_000)
  afterAll(() => folder.remove())

  it('leaves a program without what only building and tests need', async () => {
    for (const missing of ['src', 'node_modules/typescript', 'node_modules/vitest', 'node_modules/node/bin'])
      await expect(stat(join(image, 'app', missing)), missing).rejects.toThrow(/ENOENT/)
  })

  it('serves as somebody who may write to the data folder alone, says by its health check whether it is ready, and stops', async () => {
    const dataDir = join(folder.path, 'data')
    await mkdir(dataDir)
    if (nobody.uid !== undefined) await chown(dataDir, nobody.uid, nobody.gid)
    const own = { ...env, PORTERO_DATA_DIR: dataDir, PORTERO_LISTEN__HOST: '127.0.0.1', PORTERO_DEMO: 'true' }
    expect(Object.keys(own).toSorted()).toEqual([...Object.keys(env), 'PORTERO_DEMO'].toSorted())
    const options = { cwd: dataDir, env: { PATH: process.env.PATH!, PORT: '0', ...own }, ...nobody }
    const portero = await startProgram(
      process.execPath,
      [join(image, 'app/bin/portero.js'), 'serve'],
      options,
    )
    const { port } = new URL(portero.url)
    const isHealthy = () =>
      run(process.execPath, [join(image, 'app/ready.js')], { env: { PORT: port }, ...nobody }).then(
        () => true,
        () => false,
      )
    expect((await call(`${portero.url}/_portero/demo`)).status).toBe(200)
    expect(await isHealthy()).toBe(true)
    expect(await portero.stop()).toBe(0)
    expect(await isHealthy()).toBe(false)
  })
})
