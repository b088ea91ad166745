import type pg from 'pg'

type Column = {
  /** As SQL writes it: `character varying(20)`. */
  readonly type: string
  readonly isText: boolean
  /** Of a text with a limit. */
  readonly lengthMax: number | undefined
  /** Null, and whoever inserts a row has to say something else. */
  readonly isDemanded: boolean
}

/** What the catalog says of a table that somebody else may have made. */
export type TableSeen = {
  readonly oid: string
  /** `r` is an ordinary table (pg_class.relkind). */
  readonly kind: string
  readonly owner: string
  /** Whether this user may do what its owner may. */
  readonly isOurs: boolean
  /** Whether row security hides rows from this user, the owner included. */
  readonly isHidden: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** Columns that are unique, each by itself, in every row. */
  readonly uniques: ReadonlySet<string>
}

type ColumnRow = {
  name: string
  type: string
  is_text: boolean
  length_max: number | null
  is_demanded: boolean
}

/** Looks a table up by its quoted name; undefined when there is none. */
export async function lookAtTable(client: pg.ClientBase, sqlName: string): Promise<TableSeen | undefined> {
  const { rows: tables } = await client.query<{
    oid: string
    kind: string
    owner: string
    is_ours: boolean
    is_hidden: boolean
  }>(
    `select c.oid::text as oid, c.relkind as kind, r.rolname as owner, pg_has_role(r.oid, 'usage') as is_ours,
            c.relrowsecurity and c.relforcerowsecurity
              and not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as is_hidden
       from pg_class c join pg_roles r on r.oid = c.relowner where c.oid = to_regclass($1)`,
    [sqlName],
  )
  const [table] = tables
  if (table === undefined) return undefined
  const { rows: columns } = await client.query<ColumnRow>(columnsSql, [table.oid])
  const { rows: uniques } = await client.query<{ name: string }>(uniquesSql, [table.oid])
  return {
    oid: table.oid,
    kind: table.kind,
    owner: table.owner,
    isOurs: table.is_ours,
    isHidden: table.is_hidden,
    columns: new Map(
      columns.map(({ name, type, is_text, length_max, is_demanded }) => [
        name,
        { type, isText: is_text, lengthMax: length_max ?? undefined, isDemanded: is_demanded },
      ]),
    ),
    uniques: new Set(uniques.map(({ name }) => name)),
  }
}

const columnsSql = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, t.typcategory = 'S' as is_text,
         case when a.atttypid in ('varchar'::regtype, 'bpchar'::regtype) and a.atttypmod > 4 then a.atttypmod - 4 end as length_max,
         a.attnotnull and not a.atthasdef and a.attidentity = '' as is_demanded
    from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
   order by a.attnum`

const uniquesSql = `
  select a.attname as name
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
   where i.indrelid = $1 and i.indisunique and i.indimmediate and i.indisvalid and i.indnkeyatts = 1
     and i.indpred is null and i.indexprs is null`
