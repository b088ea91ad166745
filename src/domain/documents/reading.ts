/** Why a text is not one of the documents that were asked for; each has a sentence that helps. */
export type UnreadReason =
  | 'too_short'
  | 'too_long'
  | 'bad_check_digit'
  | 'looks_like_phone'
  | 'not_a_document'

/** What one reader makes of a text: the value, or why not. */
export type Reading = { readonly value: string } | { readonly reason: UnreadReason }
