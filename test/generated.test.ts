import { describe, expect, test } from 'vitest'
import { renderApi } from '../scripts/render-api.ts'
import { renderConfigReference, renderConfigSchema, renderExample } from '../scripts/render-config.ts'
import { renderErrors } from '../scripts/render-errors.ts'
import { renderEvents } from '../scripts/render-events.ts'
import { configKeys } from '../src/config/keys.ts'
import { loadConfig } from '../src/config/load.ts'
import { refusals } from '../src/domain/errors.ts'
import { eventTypes } from '../src/domain/events/event-types.ts'

const noFile = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
}

describe('the example of a configuration', () => {
  test('changes nothing as it stands', () => {
    expect(loadConfig({ env: {}, readFile: renderExample })).toEqual(
      loadConfig({ env: {}, readFile: noFile }),
    )
  })

  test('holds every key with a value that is allowed', () => {
    const filled = renderExample().replace(/^( *)#(?=\S)/gm, '$1')
    const env = {
      ...{ PORTERO_KEYS__SECRETS: 'a'.repeat(32), PORTERO_TOKENS__SECRET: 'b'.repeat(32) },
      PORTERO_EVENTS__SECRET: `whsec_${'A'.repeat(32)}`,
      // Its default does not go with the keys of the other kinds.
      PORTERO_BOT__AGENT__KIND: 'webhook',
      // Nor does its demo with the accounts.
      PORTERO_DEMO: 'false',
    }
    const text = filled.replace(/^ {2}secrets?: .*$/gm, '')
    const config = loadConfig({ env, readFile: () => text })
    expect(config.limits.networks).toEqual(['200.10.20.0/24=10'])
    for (const { path } of configKeys)
      expect(filled, path).toMatch(new RegExp(`^ *${path.split('.').at(-1)}: \\S`, 'm'))
  })
})

test('the schema for editors knows every key, hides secrets, and demands nothing', () => {
  const schema = JSON.parse(renderConfigSchema())
  expect(schema.required).toBeUndefined()
  expect(schema.additionalProperties).toBe(false)
  expect(schema.properties.tokens.properties.secret).toMatchObject({ type: 'string', writeOnly: true })
  expect(schema.properties.otp).not.toHaveProperty('default')
  for (const { path } of configKeys) {
    const leaf = path.split('.').reduce((part, name) => part.properties[name], schema)
    expect(leaf.description, path).toMatch(/\.$/)
  }
})

test('the reference of events has each with all that it says, and an example that is one', () => {
  const text = renderEvents()
  const examples = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, example]) =>
    JSON.parse(example!),
  )
  for (const [type, { means, data }] of Object.entries(eventTypes)) {
    expect(text).toContain(`## ${type}\n\n${means}`)
    for (const [field, schema] of Object.entries(data.shape)) {
      expect(schema.meta()?.description, field).toMatch(/\.$/)
      expect(text).toContain(`| \`${field}\` |`)
    }
    const example = examples.find((one) => one.type === type)
    expect(data.safeParse(example.data).error).toBeUndefined()
  }
})

test('the references name every key and every refusal', () => {
  const configuration = renderConfigReference()
  for (const { path, env, aliases } of configKeys)
    for (const name of [path, env, ...aliases]) expect(configuration).toContain(`\`${name}\``)
  const errors = renderErrors()
  for (const [code, { message }] of Object.entries(refusals))
    expect(errors).toContain(`\`${code}\` | ${message}`)
})

test('the reference of the API shows inputs, outputs and refusals of each operation', () => {
  const person = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string', format: 'uuid', description: 'Who.' } },
  }
  const body = {
    type: 'object',
    required: ['phone'],
    properties: { phone: { type: ['string', 'null'], description: 'A | B.' } },
  }
  const text = renderApi({
    components: { schemas: { Person: person } },
    paths: {
      '/otp/request': {
        post: {
          summary: 'Sends a code.',
          parameters: [
            { name: 'lang', in: 'query', schema: { enum: ['es', 'en'] }, description: 'Language.' },
          ],
          requestBody: {
            content: {
              'application/json': { schema: body },
              'application/x-www-form-urlencoded': { schema: body },
            },
          },
          responses: {
            200: {
              description: 'Sent.',
              headers: { 'Retry-After': { description: 'Seconds.' } },
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: {
                      user: { $ref: '#/components/schemas/Person' },
                      others: { type: 'array', items: { $ref: '#/components/schemas/Person' } },
                    },
                  },
                },
              },
            },
            '4xx': { description: 'Refuses with: invalid_phone, no_such.' },
          },
        },
      },
    },
  })
  expect(text).toContain(`
## POST /otp/request

Sends a code.

**Parameters**

| name | in | type | required | what it is |
| --- | --- | --- | --- | --- |
| \`lang\` | query | \`"es"\` or \`"en"\` | no | Language. |

**Input**, as \`application/json\` or \`application/x-www-form-urlencoded\`

| field | type | required | what it is |
| --- | --- | --- | --- |
| \`phone\` | string or null | yes | A \\| B. |

**200** Sent.

- \`Retry-After\`: Seconds.

As \`application/json\`:

| field | type | always | what it is |
| --- | --- | --- | --- |
| \`user\` | object | no |  |
| \`user.id\` | string (uuid) | yes | Who. |
| \`others\` | list of object | no |  |
| \`others[].id\` | string (uuid) | yes | Who. |

**4XX** Refuses with: [\`invalid_phone\`](errors.md#invalid_phone), no_such.
`)
})
