import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { defaultDataDir } from './default-data-dir.ts'
import { isRoot } from './run-as.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

it('is .portero in the current folder', async () => {
  expect(await defaultDataDir(folder.path)).toBe(join(folder.path, '.portero'))
})

it.runIf(isRoot())('is outside of a folder that only root can enter, under root', async () => {
  const closed = join(folder.path, 'closed')
  await mkdir(join(closed, 'checkout'), { recursive: true, mode: 0o700 })
  expect(await defaultDataDir(join(closed, 'checkout'))).toBe('/var/lib/portero')
})
