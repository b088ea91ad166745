import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type MetaChange, metaEnvelope, metaJson } from '../../../../test/support/meta-webhooks.ts'
import { readWhatsappWebhook, type WhatsappWebhook } from './read-webhook.ts'

const own = { phoneNumberId: '106540352242922', receivedAt: new Date(1_760_000_100_000) }
const metadata = { display_phone_number: '5511400000000', phone_number_id: own.phoneNumberId }

function change(value: object, field = 'messages'): MetaChange {
  return { field, value: { messaging_product: 'whatsapp', metadata, ...value } }
}

function read(...changes: MetaChange[]): WhatsappWebhook {
  return readWhatsappWebhook(metaJson(metaEnvelope(changes, changes.length > 1)), own)!
}

const text = (body: string) => ({ type: 'text', text: { body } })
const message = (content: object, change = {}) => ({
  ...{ from: '5491123456789', id: 'wamid.1', timestamp: '1760000000', ...content },
  ...change,
})
const ana = { profile: { name: 'Ana' }, wa_id: '5491123456789', user_id: 'AR.1502576394655843' }

/** The one message that comes of these, or why none does. */
function one(content: object, around: { contacts?: object[] } = { contacts: [ana] }) {
  const { messages, passedOver } = read(change({ ...around, messages: [message(content)] }))
  return messages[0] ?? [...passedOver.keys()][0]
}

describe('a message', () => {
  test('is read with who wrote it, when, and where answers go', () => {
    const contact = { ...ana, identity_key_hash: 'DF2lS5v2W6x=' }
    expect(one({ ...text('hola ñ 😀'), context: { id: 'wamid.0' } }, { contacts: [contact] })).toEqual({
      channel: 'whatsapp',
      messageId: 'wamid.1',
      chatKey: 'whatsapp:+5491123456789',
      phone: '+5491123456789',
      isProof: true,
      text: 'hola ñ 😀',
      isButton: false,
      profileName: 'Ana',
      at: new Date(1_760_000_000_000),
      address: '5491123456789',
      signals: {
        userId: 'AR.1502576394655843',
        identityHash: 'DF2lS5v2W6x=',
        inReplyTo: 'wamid.0',
        sharedPhone: undefined,
      },
    })
  })

  test.each([
    ['5491123456789', '+5491123456789'],
    // A line without the 9 is another one, such as a business on a landline.
    ['541123456789', '+541123456789'],
    ['553188887777', '+5531988887777'],
    ['5531988887777', '+5531988887777'],
    ['553133334444', '+553133334444'],
    ['5215512345678', '+525512345678'],
    ['59894231234', '+59894231234'],
  ])('from %s is of %s, and is answered there', (from, phone) => {
    expect(one({ ...text('hola'), from }, { contacts: [] })).toMatchObject({
      ...{ phone, address: from, chatKey: `whatsapp:${phone}`, isProof: true },
    })
  })

  test('of a hidden number has an id for a sender, which is never taken for a number', () => {
    const { wa_id: _, ...hidden } = ana
    const content = { ...text('hola'), from: undefined, from_user_id: ana.user_id }
    expect(one(content, { contacts: [hidden] })).toMatchObject({
      ...{ phone: undefined, isProof: false, address: ana.user_id, chatKey: `whatsapp:${ana.user_id}` },
      ...{ profileName: 'Ana', signals: { userId: ana.user_id } },
    })
    expect(one({ ...content, from_user_id: 'US.ENT.0a1B' }, { contacts: [] })).toMatchObject({
      address: 'US.ENT.0a1B',
    })
    expect(one({ ...content, from_user_id: undefined }, { contacts: [hidden] })).toBe('no_sender')
  })

  test('has the name of its sender, not that of the only contact', () => {
    const other = { profile: { name: 'Otra' }, wa_id: '5491100000000', user_id: 'AR.2' }
    expect(one(text('hola'), { contacts: [other] })).toMatchObject({
      profileName: undefined,
      signals: { userId: undefined },
    })
  })

  test.each([
    ['a button', { interactive: { type: 'button_reply', button_reply: { id: 'n1:yes', title: 'Sí' } } }],
    ['a list', { interactive: { type: 'list_reply', list_reply: { id: 'n1:yes', title: 'Sí' } } }],
  ])('that is a press on %s has its id', (_what, content) => {
    expect(one({ type: 'interactive', ...content })).toMatchObject({ text: 'n1:yes', isButton: true })
  })

  test('that answers a template has its payload, or the words of the button', () => {
    const button = { payload: 'n1:no', text: 'No fui yo' }
    expect(one({ type: 'button', button })).toMatchObject({ text: 'n1:no', isButton: true })
    expect(one({ type: 'button', button: { text: 'No fui yo' } })).toMatchObject({
      ...{ text: 'No fui yo', isButton: false },
    })
  })

  test.each([
    ...['image', 'audio', 'video', 'document', 'sticker', 'location', 'order', 'request_welcome'],
    ...['unsupported', 'interactive', 'contacts', 'text', 'something_of_2031', ''],
  ])('of type %j without words is a message with empty text', (type) => {
    const content = { type, [type]: { id: '1', mime_type: 'x' }, errors: [{ code: 131051 }] }
    expect(one(content)).toMatchObject({ text: '', isButton: false })
  })

  test('a text that pretends to be a button is a text', () => {
    const interactive = { button_reply: { id: 'n1:yes' } }
    expect(one({ ...text('hola'), interactive })).toMatchObject({ text: 'hola', isButton: false })
  })

  test.each([
    ['a group', { from: '120363025246125486@g.us' }, 'not_one_to_one'],
    ['a group by its field', { group_id: 'Y2FwaV9ncm91cDo' }, 'not_one_to_one'],
    ['a broadcast', { from: 'status@broadcast' }, 'not_one_to_one'],
    ['a pseudonym', { from: '59012901019692@lid' }, 'not_one_to_one'],
    ['a number of no country', { from: '120363025246125' }, 'no_sender'],
    ['ourselves', { from: '5511400000000' }, 'own_echo'],
    ['a reaction', { type: 'reaction', reaction: { emoji: '👍' } }, 'quiet'],
    ['an edit', { type: 'edit' }, 'quiet'],
    ['no time', { timestamp: undefined }, 'unreadable'],
    ['a time that is none', { timestamp: 'yesterday' }, 'unreadable'],
    ['no id', { id: '' }, 'unreadable'],
    ['a sender that is no text', { from: { $ne: '' } }, 'unreadable'],
  ])('of %s is passed over', (_what, content, why) => {
    expect(one({ ...text('hola'), ...content }, { contacts: [] })).toBe(why)
  })

  test('keeps nothing that a database would choke on', () => {
    const told = one({ ...text(`a\0b\ud800${'x'.repeat(10_000)}`), id: 'wamid.\0' })
    expect(told).toMatchObject({ messageId: 'wamid.', text: expect.stringMatching(/^ab\ufffdx+$/) })
    expect((told as { text: string }).text.length).toBeLessThanOrEqual(8192)
  })
})

describe('a contact', () => {
  const card = (of = '5491123456789') => ({ name: {}, phones: [{ phone: `+${of}`, wa_id: of }] })
  const context = { id: 'wamid.request' }
  const shared = (content: object) => {
    const told = one({ type: 'contacts', from: undefined, from_user_id: ana.user_id, context, ...content })
    return (told as { signals: { sharedPhone: string } }).signals.sharedPhone
  }

  test('that answers a request gives the number, wherever its origin stands', () => {
    expect(shared({ origin: 'contact_request', contacts: [card()] })).toBe('+5491123456789')
    expect(shared({ contacts: [{ ...card(), origin: 'contact_request' }] })).toBe('+5491123456789')
    expect(
      shared({ origin: 'contact_request', contacts: [{ phones: [{ phone: '+54 9 11 2345-6789' }] }] }),
    ).toBe('+5491123456789')
  })

  test.each([
    ['is a card that somebody forwards', { origin: 'other', contacts: [card()] }],
    ['does not say where it comes from', { contacts: [card()] }],
    ['says two things of it', { origin: 'contact_request', contacts: [{ ...card(), origin: 'other' }] }],
    ['holds two people', { origin: 'contact_request', contacts: [card(), card('5491100000000')] }],
    [
      'holds two numbers',
      {
        origin: 'contact_request',
        contacts: [{ phones: [{ wa_id: '5491123456789' }, { wa_id: '5491100000000' }] }],
      },
    ],
    ['holds none', { origin: 'contact_request', contacts: [{ phones: [] }] }],
    ['is of another type', { type: 'text', origin: 'contact_request', contacts: [card()] }],
  ])('that %s gives no number', (_what, content) => {
    expect(shared(content)).toBeUndefined()
  })
})

describe('a webhook', () => {
  test('is read whole: every entry, change, message and status, one bad one among them passed over', () => {
    const good = (index: number) => message(text(`m${index}`), { id: `wamid.${index}` })
    const status = { id: 'wamid.s', status: 'read', timestamp: '1760000000' }
    const told = read(
      change({ messages: [good(1), good(2), null, good(3)], statuses: [status, { status: 'read' }] }),
      change({ contacts: 'none', messages: [good(4), { ...good(5), timestamp: {} }], statuses: [status] }),
      { field: 'messages', value: null as never },
      change({ messages: [good(6)] }),
    )
    expect(told.messages.map(({ text }) => text)).toEqual(['m1', 'm2', 'm3', 'm4', 'm6'])
    expect(told.statuses).toHaveLength(2)
    expect([...told.passedOver]).toEqual([['unreadable', 4]])
  })

  test('for another number, or about something else, changes nothing', () => {
    const other = { metadata: { ...metadata, phone_number_id: '1' }, messages: [message(text('hola'))] }
    const told = read(
      change(other),
      change({ messages: [message(text('x'))] }, 'smb_message_echoes'),
      change({ history: [] }, 'history'),
      change({ metadata: undefined, messages: [message(text('hola'))] }),
    )
    expect(told.messages).toEqual([])
    expect(Object.fromEntries(told.passedOver)).toEqual({ other_number: 2, other_field: 2 })
  })

  test('that is none is not read', () => {
    for (const body of ['', 'null', '[]', '"x"', '{"entry":{}}', '{', '{"entry":"x"}'])
      expect(readWhatsappWebhook(Buffer.from(body), own), body).toBeUndefined()
    expect(readWhatsappWebhook(Buffer.from(`${'['.repeat(1e6)}`), own)).toBeUndefined()
  })
})

describe('a status', () => {
  const status = (content: object) =>
    read(change({ statuses: [{ id: 'wamid.1', status: 'sent', timestamp: '1760000000', ...content }] }))
      .statuses[0]

  test('tells how far a message has come, our own id of it, and what it is billed as', () => {
    const pricing = { billable: true, category: 'service' }
    expect(status({ status: 'delivered', biz_opaque_callback_data: 'reply-1', pricing })).toEqual({
      ...{ channel: 'whatsapp', messageId: 'wamid.1', ref: 'reply-1', state: 'delivered' },
      ...{ at: new Date(1_760_000_000_000), failure: undefined, billedAs: 'service' },
    })
    expect(status({ pricing: { billable: false } })?.billedAs).toBeUndefined()
  })

  test.each([
    [131026, 'no_whatsapp'],
    [131047, 'needs_template'],
    [131056, 'rate_limited'],
    [190, 'config'],
    [217, 'config'],
    [131016, 'unavailable'],
    [130497, 'country_blocked'],
    [131049, 'rejected'],
    [999999, 'rejected'],
  ])('of a failure with code %i is %s', (code, reason) => {
    expect(status({ status: 'failed', errors: [{ code }] })?.failure).toEqual({
      ...{ reason, providerCode: String(code) },
    })
  })

  test('of a state that nobody knows is passed over', () => {
    expect(status({ status: 'dreamt' })).toBeUndefined()
    expect(status({ status: 'failed' })?.failure).toEqual({ reason: 'rejected', providerCode: 'none' })
  })
})

describe('news of an account', () => {
  const system = (system: object, content: object = {}) =>
    read(change({ messages: [message({ type: 'system', system }, content)] })).identityChanges

  test('are no message, and tell who it was and who it is', () => {
    expect(
      system({ type: 'user_changed_number', wa_id: '5491100000000', user_id: 'AR.2', body: 'x' }),
    ).toEqual([
      {
        ...{ channel: 'whatsapp', id: 'wamid.1', kind: 'number', at: new Date(1_760_000_000_000) },
        before: { phone: '+5491123456789', userId: undefined },
        after: { phone: '+5491100000000', userId: 'AR.2', identityHash: undefined },
      },
    ])
    expect(
      system(
        { type: 'user_changed_user_id', previous_user_id: 'AR.1', user_id: 'AR.2' },
        { from: undefined },
      ),
    ).toMatchObject([{ kind: 'user_id', before: { userId: 'AR.1' }, after: { userId: 'AR.2' } }])
    expect(
      system({ type: 'customer_identity_changed', wa_id: '5491123456789', identity: { hash: 'h' } }),
    ).toMatchObject([{ kind: 'registration', after: { phone: undefined, identityHash: 'h' } }])
  })

  test('come in a field of their own too', () => {
    const update = { wa_id: '5491123456789', user_id: { previous: 'AR.1', current: 'AR.2' } }
    expect(read(change({ user_id_update: [update] }, 'user_id_update')).identityChanges).toEqual([
      {
        ...{ channel: 'whatsapp', id: 'user_id_update:AR.1:AR.2', kind: 'user_id', at: own.receivedAt },
        before: { phone: undefined, userId: 'AR.1' },
        after: { phone: '+5491123456789', userId: 'AR.2', identityHash: undefined },
      },
    ])
  })

  test('about nobody, or of a kind that nobody knows, are passed over', () => {
    expect(system({ type: 'user_changed_number' }, { from: undefined })).toEqual([])
    expect(system({ type: 'user_grew_wings', wa_id: '5491100000000' })).toEqual([])
    expect(system({})).toEqual([])
  })
})

test('no bytes, and no JSON in the places of a webhook, make it throw', () => {
  const anything = fc.jsonValue({ maxDepth: 3 })
  const part = fc.record(
    {
      ...{ id: anything, from: anything, timestamp: anything, type: anything, text: anything },
      ...{ contacts: anything, system: anything, interactive: anything, status: anything, user_id: anything },
    },
    { requiredKeys: [] },
  )
  const list = fc.oneof(fc.array(fc.oneof(part, anything), { maxLength: 4 }), anything)
  const value = fc.record(
    { messages: list, statuses: list, contacts: list, user_id_update: list },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(value, { maxLength: 3 }), (values) => {
      const told = read(...values.map((one) => change(one)))
      expect(told.messages.every(({ address, at }) => address !== '' && !Number.isNaN(at.getTime()))).toBe(
        true,
      )
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readWhatsappWebhook(bytes, own)
    }),
  )
})
