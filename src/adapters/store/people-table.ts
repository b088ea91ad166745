import pg from 'pg'
import { noColumn, type PeopleMapping } from '../../domain/people/people-config.ts'

/** The people table in SQL. Every name in it comes from the configuration, and is quoted. */
export type PeopleTable = {
  /** As people write it: `public.usuarios`. */
  readonly name: string
  readonly schema: string
  readonly relation: string
  /** Quoted, with its schema. */
  readonly sql: string
  readonly columns: { readonly id: string; readonly first: string; readonly document: string }
  /** Undefined where `first` has the whole name. */
  readonly last: string | undefined
  readonly active: { readonly column: string; readonly values: readonly string[] | undefined } | undefined
}

/** The table that Portero makes where there is none. */
export const ownTable = 'public.usuarios'

/** What a people table is without any configuration. */
export const usualMapping: PeopleMapping = {
  table: ownTable,
  columns: { id: 'id', first_name: 'nombre', last_name: 'apellido', document: 'dni' },
  active_column: undefined,
  active_values: undefined,
  create_in_table: false,
}

/** What of the configuration is about the table. */
export function mappingOf(people: PeopleMapping): PeopleMapping {
  const { table, columns, active_column, active_values, create_in_table } = people
  return { table, columns, active_column, active_values, create_in_table }
}

/** Quotes a name for SQL. */
export const quoted = (name: string): string => pg.escapeIdentifier(name)

export function peopleTable(mapping: PeopleMapping): PeopleTable {
  const dot = mapping.table.indexOf('.')
  const schema = dot < 0 ? 'public' : mapping.table.slice(0, dot)
  const relation = mapping.table.slice(dot + 1)
  const { id, first_name, last_name, document } = mapping.columns
  return {
    name: `${schema}.${relation}`,
    schema,
    relation,
    sql: `${quoted(schema)}.${quoted(relation)}`,
    columns: { id, first: first_name, document },
    last: last_name === noColumn ? undefined : last_name,
    active:
      mapping.active_column === undefined
        ? undefined
        : { column: mapping.active_column, values: mapping.active_values },
  }
}

/** Whether a row counts, as a condition; `row` stands before the column, such as `old`. */
export function activeSql({ active }: PeopleTable, row: string): string | undefined {
  if (active === undefined) return undefined
  const column = `${row}.${quoted(active.column)}`
  if (active.values === undefined) return `${column} is null`
  // Null is not active, and not unknown.
  return `coalesce(${column}::text = any (array[${active.values.map(pg.escapeLiteral).join(', ')}]::text[]), false)`
}

/** What the view `portero.everybody` shows of a row `p`. */
export function columnsSql({ columns, last }: PeopleTable): string {
  const lastSql = last === undefined ? 'null' : `p.${quoted(last)}`
  return `p.${quoted(columns.id)} as id, p.${quoted(columns.first)}::text as nombre, ${lastSql}::text as apellido, p.${quoted(columns.document)}::text as dni`
}

/** A document without what is only spelling: the expression of the index, to the letter as people_of_document has it. */
export function documentSql({ columns }: PeopleTable): string {
  // Cut: what is longer is no document, and an index takes no more than a page holds.
  const document = `left(${quoted(columns.document)}::text, 100)`
  return `regexp_replace(upper(regexp_replace(${document}, '[^0-9A-Za-zÑñ]', '', 'g')), '^(?![0-9]{11}$)(?:(?:DNI|LE|LC|CI)(?=[0-9]+$))?0*(?=.)', '')`
}
