import type { Reply, Turn, TurnOutcome } from '../../src/domain/conversation/turn.ts'

type Phone = {
  turn(from: string, text: string, more?: Partial<Turn>): Promise<TurnOutcome>
  pass(ms: number): void
}

const unitsMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Plays a dialogue again and writes down what came of it, so that the two can be compared. Its lines:
 * `from +54911…` (or any other name of a chat, for a hidden number), `~ 3 hours` (time goes by), `> Hola` (somebody writes),
 * `> [Ana]` (somebody presses a button they were shown last under that title), `> (picture)`; and what the bot does: `< …`, with its
 * further lines indented and its buttons in brackets; `<` alone when it stays silent; `=> Ana, declared: …` for the agent.
 */
export async function playAgain(house: Phone, dialogue: string): Promise<string> {
  const written: string[] = []
  const buttons = new Map<string, string>()
  let from = '+5491112345678'
  for (const line of linesOf(dialogue)) {
    const [, mark, rest] = /^(from|~|>) (.*)$/.exec(line) ?? []
    if (mark === undefined || rest === undefined) continue
    written.push(line)
    if (mark === 'from') from = rest
    if (mark === '~') house.pass(lengthOf(rest))
    if (mark !== '>') continue
    const title = /^\[(.*)\]$/.exec(rest)?.[1]
    const pressed = title === undefined ? undefined : buttons.get(`${from} ${title}`)
    if (title !== undefined && pressed === undefined)
      throw new Error(`no button was shown that says ${title}`)
    const outcome = await house.turn(from, pressed ?? (rest === '(picture)' ? '' : rest), {
      isButton: pressed !== undefined,
    })
    for (const reply of outcome.replies) {
      for (const { id, title: shown } of reply.buttons) buttons.set(`${from} ${shown}`, id)
      written.push(...linesOfReply(reply))
    }
    const { person, level, forAgent } = outcome
    if (forAgent !== undefined) written.push(`=> ${person?.name}, ${level}: ${forAgent}`)
    else if (outcome.replies.length === 0) written.push('<')
  }
  return written.join('\n')
}

/** A dialogue as it is compared: without the indentation of the code around it. */
export function linesOf(dialogue: string): string[] {
  const lines = dialogue.split('\n').filter((line) => line.trim() !== '')
  const indent = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => line.slice(indent).trimEnd())
}

function linesOfReply({ text, buttons, asksFor }: Reply): string[] {
  const shown = buttons.map(({ title }) => `[${title}]`).join(' ')
  const lines = text.split('\n').filter((line) => line !== '')
  const further = [
    ...lines.slice(1),
    ...(shown ? [shown] : []),
    ...(asksFor ? [`(asks for: ${asksFor})`] : []),
  ]
  return [`< ${lines[0]}`, ...further.map((line) => `  ${line}`)]
}

function lengthOf(time: string): number {
  const [, count, unit] = /^(\d+) (minute|hour|day)s?$/.exec(time) ?? []
  if (count === undefined || unit === undefined) throw new Error(`no length of time: ${time}`)
  return Number(count) * unitsMs[unit]!
}
