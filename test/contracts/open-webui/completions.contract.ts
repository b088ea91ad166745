import { describe, expect, it } from 'vitest'
import { call } from '../../support/call.ts'
import { bearer, expectRefusal, newEmail, type OpenWebuiClient } from '../../support/open-webui/client.ts'
import { modelName } from '../../support/open-webui/model.ts'

/** Asking a model as a program does, in somebody's name. */
export function completionsContract(client: OpenWebuiClient): void {
  const ask = (headers: Record<string, string>, model = modelName) =>
    call(client.at('/api/chat/completions'), {
      json: { model, stream: true, messages: [{ role: 'user', content: 'Hola' }] },
      headers,
    })

  describe('chat completions', () => {
    it('stream to whoever brings their token, to the end', async () => {
      const { token } = await client.signIn({ 'X-Portero-Role': 'user' })
      const answer = await ask(bearer(token))
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toContain('text/event-stream')
      expect(answer.text.match(/"content": ?"/g)).toHaveLength(6)
      expect(answer.text.trimEnd().endsWith('data: [DONE]')).toBe(true)
    })

    it('are refused with a sentence of its own without a token, with a revoked one, and to whoever waits', async () => {
      expect((await ask({})).status).toBe(401)
      const { id, token } = await client.signIn({ 'X-Portero-Role': 'user' })
      await client.revoke(id)
      expectRefusal(await ask(bearer(token)), 401, 'Invalid token')
      const waiting = await client.signIn({ 'X-Portero-Role': 'pending', 'X-Portero-Email': newEmail() })
      const refused = await ask(bearer(waiting.token))
      expect(refused.status).toBe(401)
      expect(refused.json.detail).toEqual(expect.any(String))
    })

    it('of a model that there is not are refused with 400', async () => {
      const { token } = await client.signIn({ 'X-Portero-Role': 'user' })
      expectRefusal(await ask(bearer(token), 'no-such-model'), 400, 'Model not found')
    })
  })
}
