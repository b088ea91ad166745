import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { call } from '../../support/call.ts'
import { openAppSocket } from '../../support/open-webui/app-socket.ts'
import { cookie, type OpenWebuiClient, type Person } from '../../support/open-webui/client.ts'

/** Who may open the socket, and what cuts it. */
export function socketContract({
  opened,
  at,
  signIn,
  change,
  revoke,
  remove,
  newGroup,
}: OpenWebuiClient): void {
  describe('the socket', () => {
    test('takes anybody with the own origin or none, and no other origin', async () => {
      const { url, publicOrigin } = opened()
      for (const options of [{ token: 'nonsense' }, {}, { origin: publicOrigin }]) {
        const socket = await openAppSocket(url, options)
        expect(socket.packets[0]).toMatch(/^0\{"sid":/)
        expect(socket.packets[1]).toMatch(/^40\{"sid":/)
        socket.close()
      }
      await expect(openAppSocket(url, { origin: 'https://foreign.example' })).rejects.toThrow('403')
    })

    const cuts: [string, (person: Person) => Promise<unknown>][] = [
      ['its sessions are revoked', ({ id }) => revoke(id)],
      ['its role is changed by an administrator', ({ id }) => change(id, { role: 'pending' })],
      [
        'its role is changed by the header',
        ({ email }) => signIn({ 'X-Portero-Email': email, 'X-Portero-Role': 'admin' }),
      ],
      [
        'its groups are changed by the header',
        async ({ email }) => signIn({ 'X-Portero-Email': email, 'X-Portero-Groups': await newGroup() }),
      ],
      ['it is deleted', ({ id }) => remove(id)],
    ]
    test.each(cuts)(
      'is told to go within a second when %s, and left for the other side to close',
      async (_, act) => {
        const person = await signIn()
        const socket = await openAppSocket(opened().url, { token: person.token })
        await act(person)
        await socket.whenCut(1_000)
        await sleep(200)
        expect(socket.isOpen()).toBe(true)
        socket.close()
      },
    )

    const harmless: [string, (person: Person) => Promise<unknown>][] = [
      ['its name is changed', ({ id }) => change(id, { name: 'Other' })],
      [
        'it signs out',
        ({ token }) => call(at('/api/v1/auths/signout'), { method: 'POST', headers: cookie(token) }),
      ],
      ['it signs in once more', ({ email }) => signIn({ 'X-Portero-Email': email })],
    ]
    test.each(harmless)('stays when %s', async (_, act) => {
      const person = await signIn()
      const socket = await openAppSocket(opened().url, { token: person.token })
      await act(person)
      await sleep(500)
      expect(socket.packets.filter((packet) => packet === '41')).toEqual([])
      socket.close()
    })
  })
}
