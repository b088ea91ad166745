import { expect, test } from 'vitest'
import { call } from '../support/call.ts'
import { bearer, newEmail } from '../support/open-webui/client.ts'
import { modelName } from '../support/open-webui/model.ts'
import { ownPlace } from '../support/open-webui/place.ts'

test('a person without a browser chats with the model, word by word', async () => {
  const { openWebuiUrl: url, modelUrl } = ownPlace()
  const email = newEmail()
  const identity = { 'X-Portero-Email': email }
  const { json } = await call(`${url}/api/v1/auths/signin`, {
    json: { email: '', password: '' },
    headers: identity,
  })
  const headers = { ...bearer(json.token), ...identity, 'content-type': 'application/json' }
  const messages = [{ role: 'user', content: `${email} words=5 pause=100` }]
  const answer = await fetch(`${url}/api/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: modelName, stream: true, messages }),
  })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const arrivals: number[] = []
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    if (chunk.includes('"content":"')) arrivals.push(performance.now())
    text += chunk
  }
  expect(text.match(/"content":"/g)).toHaveLength(5)
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
  expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(300)

  const asked = (await call(modelUrl.replace('/v1', '/requests'))).text
  expect(asked).toContain(email)
})
