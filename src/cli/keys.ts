import { type Scope, scopes } from '../domain/access/api-key-store.ts'
import { apiKeyText } from '../domain/access/require-api-key.ts'
import { randomSecret, secretHash } from '../lib/random-secret.ts'
import { type Command, optionOf, UsageProblem } from './command.ts'
import { visit } from './visit.ts'

/** Makes an API key and shows it, once. */
export const keysCreate: Command = {
  name: 'keys create',
  summary: 'Makes an API key. It is shown once and stored as a hash.',
  options: {
    name: { summary: 'What it is for, for the list.' },
    scope: { summary: `What it may do (again for more): ${scopes.join(', ')}.`, isMany: true },
  },
  async run(world, given) {
    const name = optionOf(given, 'name')
    const wanted = (given.options.scope ?? []).flatMap((text) => text.split(','))
    if (!name) throw new UsageProblem('--name is missing.')
    if (wanted.length === 0) throw new UsageProblem('--scope is missing.')
    const unknown = wanted.find((scope) => !(scopes as readonly string[]).includes(scope))
    if (unknown !== undefined)
      throw new UsageProblem(`There is no scope "${unknown}"; there is ${scopes.join(', ')}.`)
    const text = apiKeyText(`${randomSecret()}${randomSecret()}`)
    await visit(world, ({ apiKeyStore }) =>
      apiKeyStore.addKey({ name, scopes: wanted as Scope[], secretHash: secretHash(text) }),
    )
    world.print(text)
    world.print('Keep it now: it is not shown again. Send it as "Authorization: Bearer <key>".')
  },
}

/** Lists API keys. */
export const keysList: Command = {
  name: 'keys list',
  summary: 'Lists the API keys.',
  async run(world) {
    const keys = await visit(world, ({ apiKeyStore }) => apiKeyStore.listKeys())
    if (keys.length === 0) world.print('There are no API keys.')
    for (const key of keys) {
      const used =
        key.lastUsedAt === undefined ? 'never used' : `used ${key.lastUsedAt.toISOString().slice(0, 16)}Z`
      world.print([key.id, key.name, key.scopes.join(','), key.isRevoked ? 'revoked' : used].join('\t'))
    }
  },
}

/** Ends an API key. */
export const keysRevoke: Command = {
  name: 'keys revoke',
  summary: 'Ends an API key, by its id from the list.',
  args: ['ID'],
  async run(world, { args }) {
    const id = args[0]!
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
      throw new UsageProblem(`"${id}" is not the id of a key.`)
    const isRevoked = await visit(world, ({ apiKeyStore }) => apiKeyStore.revokeKey(id))
    world.print(isRevoked ? 'The key is revoked.' : 'There is no such key, or it was revoked already.')
  },
}
