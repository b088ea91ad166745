import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'

/**
 * The password in this file; made and written (0600, 192 random bits) when there is no such file. However many
 * processes ask at once, all get the same one.
 */
export async function passwordFrom(path: string): Promise<string> {
  const kept = await readFile(path, 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (kept !== undefined) return kept.trim()
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(unfinished, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  // A link, unlike a rename, never replaces what another process has just put there.
  await link(unfinished, path).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(unfinished)
  return (await readFile(path, 'utf8')).trim()
}
