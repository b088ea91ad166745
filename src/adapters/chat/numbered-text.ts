import type { Reply } from '../../domain/conversation/turn.ts'

/** A reply for a chat without buttons: its choices as numbered lines under the text, which says by itself what a lone one does. */
export function numberedText({ text, buttons }: Reply): string {
  if (buttons.length === 1) return text
  const lines = buttons.map(({ title }, index) => `${index + 1}. ${title}`)
  return lines.length === 0 ? text : `${text}\n\n${lines.join('\n')}`
}
