import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { testDatabase } from './database.ts'
import { openPostgres15, postgres15IsMissing } from './postgres-15.ts'
import { slowdown } from './slowdown.ts'

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe('a database for a test file', () => {
  it('is migrated, belongs to its file alone, and is gone afterwards', async () => {
    const one = await testDatabase()
    const other = await testDatabase()
    await one.query(`insert into public.usuarios (nombre) values ($1)`, ['Ana'])
    expect(await one.query('select nombre from public.usuarios')).toEqual([{ nombre: 'Ana' }])
    expect(await other.query('select nombre from public.usuarios')).toEqual([])
    expect(await ask(one.url, 'select current_user as owner')).toEqual([{ owner: 'portero' }])
    const [name] = await one.query<{ name: string }>('select current_database() as name')
    await one.close()
    expect(await other.query('select from pg_database where datname = $1', [name!.name])).toEqual([])
    await other.close()
  })
})

describe(`PostgreSQL 15${postgres15IsMissing ? ` (skipped: ${postgres15IsMissing})` : ''}`, () => {
  it.skipIf(postgres15IsMissing)('starts with an empty database of its own', async () => {
    const server = await openPostgres15()
    try {
      const [version] = await ask(
        server.ownerUrl,
        `select current_setting('server_version_num')::int / 10000 as major`,
      )
      expect(version).toEqual({ major: 15 })
    } finally {
      await server.close()
    }
  })
})

describe('the browser', () => {
  it('shows a page, runs its script, and takes a picture of it', async () => {
    const browser = await openBrowser()
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
      await page.setContent('<h1>Hola, ¿quién es?</h1><p id="p"></p><script>p.textContent = "listo"</script>')
      expect(await page.textContent('#p')).toBe('listo')
      const width = (text: string) =>
        page.evaluate<number>(
          `document.createElement('canvas').getContext('2d').measureText('${text}').width`,
        )
      // Without a font every letter would be an empty box of one width.
      expect(await width('wwww')).toBeGreaterThan(1.5 * (await width('iiii')))
      expect((await page.screenshot()).length).toBeGreaterThan(2000)
    } finally {
      await browser.close()
    }
  })
})

describe('how time grows with the length of what is worked on', () => {
  const [short, long] = ['a'.repeat(500), 'a'.repeat(8000)]

  it('tells what is linear from what is quadratic', async () => {
    const linear = (text: string) => text.split('').reverse().join('')
    const quadratic = (text: string) => /(a+)$/.test(`${text}b`)
    expect(await slowdown(linear, { short, long, runs: 20 })).toBeLessThan(64)
    expect(await slowdown(quadratic, { short, long })).toBeGreaterThan(64)
  })
})
