import { openOwnApp } from '../http/own-app.ts'
import { api } from './api.ts'
import type { ApiNeeds } from './api-needs.ts'
import { openApiDocs } from './openapi-docs.ts'

/** The API as an OpenAPI 3.1 document, made from its routes without starting anything. */
export async function openApiDocument(): Promise<object> {
  const nobody = new Proxy({}, { get: () => undefined }) as ApiNeeds
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  const app = openOwnApp({ log: quiet, referenceOf: () => '' })
  await openApiDocs(app)
  app.register(async (scope) =>
    api(scope, { ...nobody, config: { api: { allowed_origins: [] } } as unknown as ApiNeeds['config'] }),
  )
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}
