import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { OwnApp } from '../http/own-app.ts'

/** Where the reference can be read and tried. */
const docsPath = '/_portero/api/docs'

// No third party: the page's own files, and the inline styles that its library writes.
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

/** Serves what is registered after it as an OpenAPI 3.1 document and a page to browse it; to be called before the routes. */
export async function openApiDocs(app: OwnApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Portero',
        version: '1',
        description:
          'Sign-in by phone number. Refusals are application/problem+json; each has a code of its own, which does not change.',
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'A token from /otp/verify.',
          },
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key, made with `portero keys create`.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  await app.register(swaggerUi, {
    routePrefix: docsPath,
    staticCSP: docsPolicy,
    uiConfig: { deepLinking: true, validatorUrl: null },
    theme: { title: 'Portero API', css: [{ filename: 'portero.css', content: '.topbar { display: none }' }] },
  })
  app.get('/_portero/api/openapi.json', { schema: { hide: true } as object }, async () => app.swagger())
}
