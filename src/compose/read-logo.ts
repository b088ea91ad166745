import { readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { StartupProblem } from '../domain/startup-problem.ts'

const types: Record<string, string> = { '.svg': 'image/svg+xml', '.png': 'image/png', '.webp': 'image/webp' }
const bytesMax = 64 * 1024

/** The logo for the pages. Refuses with a StartupProblem a file that is not there, too large, or of another type. */
export function readLogo(file: string, currentFolder: string): { contentType: string; bytes: Buffer } {
  const contentType = types[extname(file).toLowerCase()]
  if (contentType === undefined)
    throw new StartupProblem(`pages.logo: ${file} is not an SVG, PNG or WebP image.`)
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(currentFolder, file))
  } catch (thrown) {
    throw new StartupProblem(
      `pages.logo: ${file} cannot be read (${(thrown as NodeJS.ErrnoException).code}).`,
    )
  }
  if (bytes.length > bytesMax) throw new StartupProblem(`pages.logo: ${file} has more than 64 KB.`)
  return { contentType, bytes }
}
