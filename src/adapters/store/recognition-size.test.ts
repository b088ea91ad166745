import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStores, type Stores } from '../../../test/support/stores.ts'

const [small, large] = [2_000, 200_000]

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

/** People and links up to this many, as another program would write them; foreign keys are not looked at one by one. */
async function fillTo(count: number): Promise<void> {
  await stores.query(`do $$ begin
    set local session_replication_role = replica;
    insert into public.usuarios (id, nombre, dni)
      select ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, 'Ana', (10000000 + i)::text
        from generate_series((select count(*) + 1 from public.usuarios), ${count}) as i;
    insert into public.telefono_usuario (telefono, usuario_id)
      select case i % 10 when 0 then '54911' else '+54911' end || (40000000 + i), ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid
        from generate_series((select count(*) + 1 from public.telefono_usuario), ${count}) as i;
    end $$`)
  await stores.query('analyze public.usuarios, public.telefono_usuario')
}

type Plan = { Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }

/** How many pages of tables and indexes a call touches, everything inside it counted. */
async function pagesOf(call: string): Promise<number> {
  const [row] = await stores.query<{ 'QUERY PLAN': [Plan] }>(
    `explain (analyze, buffers, format json) ${call}`,
  )
  const { Plan: plan } = row!['QUERY PLAN'][0]
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
}

const calls = (i: number): Record<string, string> => ({
  'a phone': `select * from portero.recognise_phone('+54911${40_000_000 + i}', 'always', 'bot')`,
  'a phone in another spelling': `select * from portero.recognise_phone('+54911${40_000_000 + i - (i % 10)}', 'always', 'bot')`,
  'a stranger': `select * from portero.recognise_phone('+54911${10_000_000 + i}', 'always', 'bot')`,
  'a document': `select * from portero.declare_document('+54911${20_000_000 + i}', '${10_000_000 + i}', '\\x${i.toString(16).padStart(8, '0')}', 5, 5, 'bot', true)`,
})

/** The pages of each call once plans are made and pages are in memory. */
async function measured(): Promise<Record<string, number>> {
  const pages: Record<string, number> = {}
  for (const round of [1, 2, 3, 4, 5]) {
    for (const [name, call] of Object.entries(calls(round * 321))) {
      pages[name] = Math.min(pages[name] ?? Number.POSITIVE_INFINITY, await pagesOf(call))
    }
  }
  return pages
}

test('a phone and a document are found among a hundred times as many by the same few pages', async () => {
  await fillTo(small)
  const few = await measured()
  await fillTo(large)
  const many = await measured()
  for (const name of Object.keys(few)) {
    expect(few[name], name).toBeLessThan(150)
    // The larger index is one or two pages deeper.
    expect(many[name]! - few[name]!, `${name}: ${few[name]} → ${many[name]}`).toBeLessThanOrEqual(12)
  }
}, 120_000)
