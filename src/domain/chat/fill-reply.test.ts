import { expect, test } from 'vitest'
import { secretMark } from '../conversation/reply-secret.ts'
import { deriveCode } from '../otp/code-key.ts'
import { canonicalPhone } from '../phones/phone-number.ts'
import { linkToken } from '../sessions/sign-in-link.ts'
import { openKeyring } from '../tokens/keyring.ts'
import { fillReply } from './fill-reply.ts'

const keyring = openKeyring(['a secret of the keyring for tests, of more than 32 bytes'])
const phone = canonicalPhone('+5491123456789')
const needs = { keyring, linkUrl: (token: string) => `https://in.example/l/${token}`, now: () => 1000 }
const { id: keyId, code: key } = keyring.current
const salt = Buffer.alloc(16, 7)
const seed = { kind: 'code', keyId, phone, challengeId: 'c1', salt: salt.toString('base64url') } as const

test('a reply leaves with the code or the link that it is derived from, and without what that was', () => {
  const code = deriveCode(key, { purpose: 'sign_in', phone, challengeId: 'c1', salt, digits: 6 })
  const text = `código ${secretMark}.`
  expect(fillReply(needs, { text, buttons: [], secret: { ...seed, digits: 6, expiresAt: 2000 } })).toEqual({
    text: `código ${code}.`,
    buttons: [],
  })
  const token = linkToken(key, { id: 'l1', phone })
  expect(token).toMatch(/^[\w-]{32}$/)
  const secret = { kind: 'link', id: 'l1', keyId, phone, expiresAt: 2000 } as const
  expect(fillReply(needs, { text: secretMark, buttons: [], secret })?.text).toBe(
    `https://in.example/l/${token}`,
  )
  expect(fillReply(needs, { text: 'hola', buttons: [] })).toEqual({ text: 'hola', buttons: [] })
})

test('one whose time is over, whose key is gone, or whose link leads nowhere does not leave', () => {
  const reply = (over: object) => ({
    ...{ text: secretMark, buttons: [] },
    secret: { ...seed, digits: 6 as const, expiresAt: 2000, ...over },
  })
  expect(fillReply(needs, reply({ expiresAt: 1000 }))).toBeUndefined()
  expect(fillReply(needs, reply({ keyId: 'another' }))).toBeUndefined()
  const link = { kind: 'link', id: 'l1', keyId, phone, expiresAt: 2000 } as const
  expect(
    fillReply({ ...needs, linkUrl: () => undefined }, { text: secretMark, buttons: [], secret: link }),
  ).toBeUndefined()
})
