import { describe, expect, it } from 'vitest'
import { openKeyring } from './keyring.ts'
import { sessionCredential } from './session-credential.ts'
import { readSignOutTicket, signOutTicket } from './sign-out-ticket.ts'

const keyring = openKeyring(['a secret of thirty-two bytes or more'])
const other = openKeyring(['another secret of thirty-two bytes or more'])
const id = '3f0c1f7e-8a43-4d6e-9d3b-6b3f3a0d7e11'

describe('a sign-out ticket', () => {
  it('names its session for a minute', () => {
    const ticket = signOutTicket(keyring, id, 1_000)
    expect(readSignOutTicket(keyring, ticket, 60_999)).toBe(id)
    expect(readSignOutTicket(keyring, ticket, 61_000)).toBeUndefined()
  })

  it('is worth nothing when somebody else made it, when it was changed, and when it is a session cookie', () => {
    const ticket = signOutTicket(keyring, id, 0)
    expect(readSignOutTicket(other, ticket, 1)).toBeUndefined()
    expect(readSignOutTicket(keyring, ticket.replace('.60000.', '.90000.'), 1)).toBeUndefined()
    expect(readSignOutTicket(keyring, sessionCredential(keyring, id), 1)).toBeUndefined()
    expect(readSignOutTicket(keyring, '', 1)).toBeUndefined()
  })
})
