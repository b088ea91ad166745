import type { Log } from '../domain/log.ts'

/** What a command may use of the world. */
export type CommandWorld = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly currentFolder: string
  readonly log: Log
  readonly setLogLevel: (level: string) => void
  /** Prints a line for whoever typed the command. */
  readonly print: (line: string) => void
}

/** One thing that `portero` can do, as data: parsing and help are made from it. */
export type Command = {
  /** As it is typed, such as `people list`. */
  readonly name: string
  readonly summary: string
  /** Words after the name, in order; those in brackets may be left out. */
  readonly args?: readonly string[]
  /** Flags; `--name` is written `name`. They take a value, unless `isFlag`. */
  readonly options?: Readonly<
    Record<string, { readonly summary: string; readonly isMany?: boolean; readonly isFlag?: boolean }>
  >
  readonly run: (world: CommandWorld, given: Given) => Promise<void>
}

/** What was typed after a command's name. */
export type Given = {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, readonly string[] | undefined>>
}

/** The one value of a flag; undefined when it was not given. */
export function optionOf(given: Given, name: string): string | undefined {
  return given.options[name]?.at(-1)
}

/** Whether a flag without a value was given. */
export function hasFlag(given: Given, name: string): boolean {
  return given.options[name] !== undefined
}

/** The command did its work and has said all about it, and what it found is not good: the exit code is 1. */
export class CommandFailed extends Error {}

/** What was typed cannot be a command. The message says what is wrong; help is printed after it. */
export class UsageProblem extends Error {}
