import type { Command } from './command.ts'

/** The list of all commands. */
export function helpOfAll(commands: readonly Command[]): string {
  const lines = commands.map((command) => [usageOf(command), command.summary] as const)
  const width = Math.max(...lines.map(([usage]) => usage.length))
  return [
    'Portero lets people into software with nothing but their phone number.',
    '',
    ...lines.map(([usage, summary]) => `  portero ${usage.padEnd(width)}  ${summary}`),
    '',
    'portero COMMAND --help tells more about one of them.',
  ].join('\n')
}

/** How one command is used. */
export function helpOf(command: Command): string {
  const options = Object.entries(command.options ?? {})
  return [
    `portero ${usageOf(command)}`,
    '',
    command.summary,
    ...(options.length === 0
      ? []
      : ['', ...options.map(([name, { summary }]) => `  --${name.padEnd(10)} ${summary}`)]),
  ].join('\n')
}

function usageOf({ name, args = [], options = {} }: Command): string {
  const flags = Object.entries(options).map(([flag, { isFlag }]) => `[--${flag}${isFlag ? '' : ' …'}]`)
  return [name, ...args, ...flags].join(' ')
}
