import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { installOpenWebui } from './install.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let said: string[]
const say = (line: string) => void said.push(line)

beforeEach(async () => {
  folder = await temporaryFolder()
  said = []
  await mkdir(join(folder.path, 'bin'))
  vi.stubEnv('PATH', join(folder.path, 'bin'))
  vi.stubEnv('PORTERO_TEST_OPENWEBUI_DIR', join(folder.path, 'open-webui'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await folder.remove()
})

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
}

test('without a suitable Python the sentence names what to install', async () => {
  await program(join(folder.path, 'bin', 'python3'), 'exit 1')
  await expect(installOpenWebui(say)).rejects.toThrow('needs Python 3.11 or 3.12 with the module venv')
})

test('an install that breaks off says why and leaves nothing behind', async () => {
  const python = join(folder.path, 'bin', 'python3.11')
  await program(python, `[ "$1" = -c ] && echo ${python} && exit\necho 'Network is unreachable' >&2; exit 1`)
  await expect(installOpenWebui(say)).rejects.toThrow(/It comes from PyPI.*\nNetwork is unreachable$/)
  expect(await readdir(folder.path)).toEqual(['bin'])
  expect(said[0]).toContain('installing into')
})

test('a complete install is taken as it is, without a Python and without a word', async () => {
  const bin = join(folder.path, 'open-webui', 'venv', 'bin')
  await mkdir(bin, { recursive: true })
  await program(join(bin, 'open-webui'), 'exit 0')
  expect(await installOpenWebui(say)).toEqual({ command: join(bin, 'open-webui'), seconds: 0 })
  expect(said).toEqual([])
})

test('what a killed run has left is removed, and what another run builds is not', async () => {
  const building = (pid: number) => join(folder.path, `open-webui.building-${pid}`)
  // A process id beyond the kernel's largest.
  for (const pid of [process.ppid, 4_999_999]) await mkdir(building(pid))
  const python = join(folder.path, 'bin', 'python3.11')
  await program(python, `[ "$1" = -c ] && echo ${python} && exit\nexit 1`)
  await expect(installOpenWebui(say)).rejects.toThrow()
  expect((await readdir(folder.path)).sort()).toEqual(['bin', `open-webui.building-${process.ppid}`])
})
