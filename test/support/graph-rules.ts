/** What the Cloud API says of a message that it does not take: its error code, and a sentence that changes from time to time. */
export type GraphRefusal = { readonly code: number; readonly message: string }

// biome-ignore lint/suspicious/noExplicitAny: a body from outside, looked at field by field
type Body = any

/** What is wrong with a message, by the documented limits; undefined when it can be sent. */
export function refusalOf(body: Body): GraphRefusal | undefined {
  if (body?.messaging_product !== 'whatsapp') return bad(100, 'The parameter messaging_product is required.')
  if (body.to === undefined && body.recipient === undefined)
    return bad(131008, 'Required parameter is missing')
  if (body.to !== undefined && !/^\+?\d{6,15}$/.test(body.to)) return bad(131009, 'to is no phone number')
  if (body.to === undefined && !/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(body.recipient))
    return bad(131009, 'recipient is no user id')
  if ((body.biz_opaque_callback_data?.length ?? 0) > 512) return bad(131009, 'callback data is too long')
  if (body.type === 'text') return refusalOfText(body.text?.body, 4096)
  if (body.type === 'interactive') return refusalOfInteractive(body.interactive)
  return bad(131051, 'Unsupported message type')
}

function refusalOfText(text: unknown, lengthMax: number): GraphRefusal | undefined {
  if (typeof text !== 'string' || text.trim() === '') return bad(131008, 'body is required')
  return text.length > lengthMax ? bad(131009, `body is longer than ${lengthMax}`) : undefined
}

function refusalOfInteractive(interactive: Body): GraphRefusal | undefined {
  const text = refusalOfText(interactive?.body?.text, 1024)
  if (text !== undefined) return text
  if (interactive.type === 'request_contact_info')
    return interactive.action?.name === 'request_contact_info'
      ? undefined
      : bad(131009, 'action.name is wrong')
  if (interactive.type !== 'button') return bad(131009, 'unknown interactive type')
  const buttons: Body[] = interactive.action?.buttons ?? []
  if (buttons.length < 1 || buttons.length > 3) return bad(131009, 'one to three buttons')
  const ids = buttons.map((button) => button.reply?.id)
  const titles = buttons.map((button) => button.reply?.title)
  if (new Set(ids).size < ids.length || new Set(titles).size < titles.length)
    return bad(131009, 'buttons are not unique')
  const isFit = (value: unknown, lengthMax: number) =>
    typeof value === 'string' && value !== '' && value.length <= lengthMax && value.trim() === value
  if (!ids.every((id) => isFit(id, 256))) return bad(131009, 'a button id does not fit')
  return titles.every((title) => isFit(title, 20)) ? undefined : bad(131009, 'a button title does not fit')
}

function bad(code: number, message: string): GraphRefusal {
  return { code, message: `(#${code}) ${message}` }
}
