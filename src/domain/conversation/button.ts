import { type Command, commands } from './command-words.ts'

/** What a button of ours stands for. `who`: the person of that number among those offered. */
export type PressedButton =
  | { readonly isFresh: boolean; readonly who: number }
  | { readonly isFresh: boolean; readonly command: Command; readonly mark: string; readonly about?: string }

/**
 * Reads the id of a button: `<nonce>.who.<number>`, `<nonce>.do.<command>`. Fresh are those of the last message that had any. In
 * place of the mark there may stand whom a command is about (`aboutMark`).
 * Undefined for ids of others, such as those of templates, which say in words what they mean.
 */
export function readButton(id: string, nonce: string): PressedButton | undefined {
  const parts = /^([a-z0-9]{1,40})\.(who|do)\.([a-z_0-9]{1,20})$/i.exec(id)
  if (parts === null) return undefined
  const [, mark, kind, what] = parts as unknown as [string, string, string, string]
  const isFresh = mark === nonce
  if (kind === 'who') return /^\d{1,2}$/.test(what) ? { isFresh, who: Number(what) } : undefined
  const command = commands.find((one) => one === what)
  return command && { isFresh, command, mark, ...(isAbout.test(mark) && { about: personOf(mark) }) }
}

/** What stands for a person in the id of a button. */
export function aboutMark(personId: string): string {
  return `p${personId.replaceAll('-', '')}`
}

const isAbout = /^p[0-9a-f]{32}$/

function personOf(mark: string): string {
  return mark.replace(/^p(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
