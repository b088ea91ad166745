import type pg from 'pg'
import type { Log } from '../../domain/log.ts'
import { ownTable, type PeopleTable } from './people-table.ts'
import { memoryTable } from './require-adoptable.ts'

/** Who gets at one of the two tables, beside their owner. */
export type TableAccess = {
  /** Quoted where it has to be. */
  readonly name: string
  readonly hasRowSecurity: boolean
  /** Policies that are not Portero's: what others may see and do there. */
  readonly policies: readonly { readonly name: string; readonly command: string; readonly roles: string }[]
  /** Names of policies that take rows away from Portero too. */
  readonly restrictive: readonly string[]
  /** Roles of a platform's public interface, and `public`, as far as grants and policies let them. */
  readonly open: readonly { readonly role: string; readonly reads: boolean; readonly writes: boolean }[]
}

/** Roles that everybody on the internet works as where a platform such as Supabase serves the tables. */
const outsiders = ['anon', 'authenticated']

/** Looks at who gets at these tables; names are quoted. */
export async function lookAtAccess(client: pg.ClientBase, tables: readonly string[]): Promise<TableAccess[]> {
  const { rows } = await client.query<{
    name: string
    row_security: boolean
    policies: TableAccess['policies']
    restrictive: string[]
    open: TableAccess['open']
  }>(accessSql, [tables, outsiders])
  return rows.map(({ name, row_security, policies, restrictive, open }) => ({
    name,
    hasRowSecurity: row_security,
    policies,
    restrictive,
    open,
  }))
}

/** Says in the log that whoever is on the internet may write who people are, where that is so. */
export async function warnOfOpenTables(
  client: pg.ClientBase,
  { sql, name }: PeopleTable,
  log: Log,
): Promise<void> {
  const seen = await lookAtAccess(client, [sql, memoryTable])
  const roles = [
    ...new Set(seen.flatMap(({ open }) => open.filter(({ writes }) => writes).map(({ role }) => role))),
  ]
  if (roles.length === 0) return
  log.warn(
    { tables: [name === ownTable ? ownTable : name, memoryTable], roles },
    'the tables that say who people are can be written by others than your programs: portero doctor tells the SQL that closes them',
  )
}

// A permissive policy lets in; what restrictive ones take away again is not counted, so that too much is told rather than too little.
const accessSql = `
  select t.c::regclass::text as name, c.relrowsecurity as row_security,
    coalesce((select jsonb_agg(jsonb_build_object('name', p.polname,
          'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
          'roles', (select string_agg(case when r = 0 then 'public' else pg_get_userbyid(r) end, ', ') from unnest(p.polroles) as r))
        order by p.polname)
      from pg_policy p where p.polrelid = c.oid and p.polname <> 'portero_runtime'), '[]') as policies,
    array(select p.polname::text from pg_policy p
           where p.polrelid = c.oid and not p.polpermissive and c.relrowsecurity
             and (0 = any (p.polroles) or (select oid from pg_roles where rolname = 'portero_runtime') = any (p.polroles))
           order by 1) as restrictive,
    coalesce((select jsonb_agg(jsonb_build_object('role', role, 'reads', reads, 'writes', writes) order by role) from (
        select who.role, bool_or(does.is_open and does.what = 'SELECT') as reads, bool_or(does.is_open and does.what <> 'SELECT') as writes
          from (select rolname::text as role, oid from pg_roles where rolname = any ($2)
                union all select 'public', 0::oid) as who,
               lateral (
                 select what,
                   (case when who.oid = 0 then exists (
                      select from aclexplode(c.relacl) a where a.grantee = 0 and a.privilege_type = what)
                    else has_table_privilege(who.oid, c.oid, what) end)
                   and (not c.relrowsecurity or exists (
                     select from pg_policy p
                      where p.polrelid = c.oid and p.polpermissive and p.polname <> 'portero_runtime'
                        and p.polcmd in ('*', case what when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' else 'd' end)
                        and (0 = any (p.polroles) or who.oid = any (p.polroles)
                          or exists (select from unnest(p.polroles) as r where r <> 0 and who.oid <> 0 and pg_has_role(who.oid, r, 'usage'))))) as is_open
                   from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as what
               ) as does
         group by who.role) as summed
      where reads or writes), '[]') as open
    from unnest($1::text[]) as given, lateral (select to_regclass(given) as c) as t join pg_class c on c.oid = t.c`
