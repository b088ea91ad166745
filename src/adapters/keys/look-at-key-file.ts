import { readFile, stat } from 'node:fs/promises'
import { keyFileIn } from './key-file.ts'

/** The key file of a data folder, as it stands. */
export type KeyFileSeen =
  | { readonly kind: 'missing' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'there'; readonly secrets: readonly string[]; readonly isOpenToOthers: boolean }

/** Looks at the key file and makes none. */
export async function lookAtKeyFile(dataDir: string): Promise<KeyFileSeen> {
  const file = keyFileIn(dataDir)
  try {
    const text = await readFile(file, 'utf8')
    const { mode } = await stat(file)
    return {
      kind: 'there',
      secrets: text.split('\n').flatMap((line) => line.trim() || []),
      // Windows has no such bits, and makes them up.
      isOpenToOthers: process.platform !== 'win32' && (mode & 0o077) !== 0,
    }
  } catch (thrown) {
    return { kind: (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'closed' }
  }
}
