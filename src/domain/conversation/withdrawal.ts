import { readButton } from './button.ts'
import { type ReadCommand, readCommand } from './command.ts'
import type { Command } from './command-words.ts'
import type { Turn } from './turn.ts'

const withdrawals: ReadonlySet<Command> = new Set(['forget', 'forget_everybody', 'silence'])

/** Whether somebody takes back with it what they had let be kept: a memory, or notices. */
export function isWithdrawal(command: ReadCommand | undefined): boolean {
  return command !== undefined && withdrawals.has(command.command)
}

/** Whether a message is such a command: it is obeyed even when nothing is answered. */
export function withdraws({ text, isButton }: Pick<Turn, 'text' | 'isButton'>): boolean {
  const pressed = isButton ? readButton(text, '') : undefined
  if (pressed === undefined) return isWithdrawal(readCommand(text))
  return 'command' in pressed && isWithdrawal({ command: pressed.command, locale: undefined })
}
