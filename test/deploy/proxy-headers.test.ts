import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { identityHeaderNames } from '../../src/http/identity-headers.ts'

const deployed = (path: string) => readFile(join(import.meta.dirname, '../../deploy', path), 'utf8')

it('nginx sets every identity header of ours from the answer, and of no other', async () => {
  const text = await deployed('nginx/portero/protected.conf')
  for (const name of identityHeaderNames) {
    const variable = name.slice(2).toLowerCase().replaceAll('-', '_')
    expect(text).toMatch(
      new RegExp(`^auth_request_set \\$${variable} +\\$upstream_http_x_${variable};$`, 'm'),
    )
    expect(text).toMatch(new RegExp(`^proxy_set_header ${name} +\\$${variable};$`, 'm'))
  }
  expect(text.match(/^proxy_set_header X-Portero-/gm)).toHaveLength(identityHeaderNames.length)
})

it('nginx asks with the path and method that it was asked for itself', async () => {
  const text = await deployed('nginx/portero/asking.conf')
  expect(text).toMatch(/^proxy_set_header X-Forwarded-Uri +\$request_uri;$/m)
  expect(text).toMatch(/^proxy_set_header X-Forwarded-Method +\$request_method;$/m)
})

it('Caddy copies every identity header of ours, and says it again to the app', async () => {
  const text = await deployed('caddy/Caddyfile.open-webui')
  expect(text).toContain(`copy_headers ${identityHeaderNames.join(' ')}\n`)
  for (const name of identityHeaderNames) {
    expect(text).toContain(`header_up ${name} {http.request.header.${name}}\n`)
  }
})
