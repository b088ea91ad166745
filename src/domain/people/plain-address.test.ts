import { expect, test } from 'vitest'
import { plainAddress } from './plain-address.ts'

test.each([
  ['ana@example.org', 'ana@example.org'],
  ['  Ana.Souza+chat@Example.ORG ', 'ana.souza+chat@example.org'],
  ['admin@localhost', 'admin@localhost'],
])('%j is the address %j', (typed, address) => expect(plainAddress(typed)).toBe(address))

test.each([
  ...['', '@', 'ana', 'ana@', '@example.org', 'a@b@c', 'ana@example.org.', 'ana@-example.org'],
  ...['Ana <ana@example.org>', 'ana@example.org, eva@example.org', 'ana@example.org\r\nX-Role: admin'],
  ...['ana souza@example.org', 'añа@example.org', `${'a'.repeat(65)}@example.org`, `a@${'b'.repeat(300)}`],
])('%j is no plain address', (typed) => expect(plainAddress(typed)).toBeUndefined())
