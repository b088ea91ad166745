import { z } from 'zod'
import { admissions } from './person.ts'

/** A name of a table or column as the catalog of the database has it; quoted wherever it is used. */
const name = /[^\p{C}\p{Z}".]([^\p{C}".]{0,61}[^\p{C}\p{Z}".])?/u.source

/** What stands for a column that there is none of. An empty variable of the environment counts as not set. */
export const noColumn = '-'

const column = (what: string, usual: string, isNeeded = true) =>
  z
    .string()
    .regex(new RegExp(isNeeded ? `^(?!${noColumn}$)${name}$` : `^${name}$`, 'u'))
    .default(usual)
    .meta({
      description: `Column of the people table with ${what}.`,
      allowed: 'the name of a column, in capitals and small letters as it is',
    })

const columns = z.strictObject({
  id: column('the id, a uuid', 'id'),
  first_name: column('the first name, or the whole name', 'nombre'),
  last_name: column(`the last name; ${noColumn} where first_name has the whole name`, 'apellido', false),
  document: column('the document number that people type to the bot', 'dni'),
})

/** `people.*`: who becomes a person, and for how long a phone is believed to be theirs. */
export const peopleConfig = z.strictObject({
  admission: z
    .enum(admissions)
    .optional()
    .meta({
      description:
        'Who may come in with a number that proved itself: open takes anybody, known only people on record, approval lets ' +
        'newcomers wait for the operator. Has to be chosen; only the demo is open by itself.',
    }),
  idle_link_days: z.int().min(1).max(3650).default(180).meta({
    description:
      'After how many days without use a code alone no longer opens the account of a phone: lines change hands.',
  }),
  email_domain: z
    .string()
    .regex(/^[a-z\d]([a-z\d.-]{0,250}[a-z\d])?$/)
    .default('portero.invalid')
    .meta({
      description:
        'Domain of the made-up addresses for applications that want one. Changing it makes applications take everybody for somebody new.',
      allowed: 'a domain in small letters',
      examples: ['people.example.org'],
    }),
  table: z
    .string()
    .regex(new RegExp(`^(${name}\\.)?${name}$`, 'u'))
    .default('public.usuarios')
    .meta({
      description:
        'The table of people, where your organisation has one. Without the schema in front, it is one of the schema public.',
      allowed:
        'the name of a table, in capitals and small letters as it is, perhaps with its schema in front',
      examples: ['academico.alumnos'],
    }),
  active_column: z
    .string()
    .regex(new RegExp(`^${name}$`, 'u'))
    .optional()
    .meta({
      description:
        'Column of the people table that says who counts; whoever does not is unknown to the bot and cannot sign in. Without ' +
        'active_values, those count where it is empty (null), as in deleted_at.',
      allowed: 'the name of a column, in capitals and small letters as it is',
      examples: ['estado'],
    }),
  active_values: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({
      description: 'What active_column says of people who count, written as the database shows it.',
      allowed: 'a list of texts, such as true or regular',
      examples: [['regular', 'becado']],
    }),
  create_in_table: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Whether newcomers become rows of a people table that Portero did not make. Otherwise they live in a table of Portero, ' +
        'for the web door alone. In a table that Portero made they are always rows of it.',
    }),
  columns: columns.prefault({}),
})

/** The people table and what is what in it. */
export type PeopleMapping = Pick<
  PeopleConfig,
  'table' | 'columns' | 'active_column' | 'active_values' | 'create_in_table'
>

export type PeopleConfig = z.output<typeof peopleConfig>
