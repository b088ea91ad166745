import type { MessageKey } from '../../domain/conversation/message.ts'

/** What is said beside and inside the messages. */
export type PartKey =
  | 'button_someone_else'
  | 'button_i_am'
  | 'person_without_name'
  | 'only_digits'
  | 'shape_dni'
  | 'shape_cpf'
  | 'shape_other'
  | 'device_on'
  | 'device_unknown'
  | 'privacy'

/**
 * Everything that the bot says in one language, as ICU messages. A message that the conversation can decide on needs its text
 * in every language, or the build fails. All of them know `{name}` with `{hasName}`, `{brand}`, `{contact}` with `{hasContact}`,
 * `{documents}` (all that are asked for), `{document}` (the one in question), `{digits}` and `{shape}` (how it is written). Those of
 * a sign-in know `{secret}`, the code or the link, and `{device}` and `{address}` of the browser that asked.
 */
export type Texts = Readonly<Record<MessageKey | PartKey, string>>
