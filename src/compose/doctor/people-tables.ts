import type { PeopleSeen } from '../../adapters/store/inspect-people.ts'
import type { TableAccess } from '../../adapters/store/table-access.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

/**
 * Says what a look at the people table and the bot's memory means. Tables that others made keep their policies, grants and row security
 * as they are: what is doubtful about them is said with the SQL that mends it.
 */
export function judgePeopleTables(seen: PeopleSeen): Finding[] {
  if (seen.refusal !== undefined) {
    const [what, cure] = halves(seen.refusal)
    return [fault(`Portero does not start on these tables: ${what}`, cure)]
  }
  const found = [
    ...(seen.isOwn === undefined
      ? [
          warning(
            `The people table ${seen.table} is there, and Portero has not adopted it yet.`,
            'Back the database up, then start Portero: it adds what it needs and says what.',
          ),
        ]
      : []),
    ...seen.access.flatMap(judgeAccess),
    ...judgeRows(seen),
  ]
  return found.length > 0 ? found : [ok(`The people table ${seen.table} and the bot’s memory are in order.`)]
}

function judgeAccess({ name, hasRowSecurity, policies, restrictive, open }: TableAccess): Finding[] {
  const writers = open.filter(({ writes }) => writes).map(({ role }) => role)
  const readers = open.filter(({ reads, writes }) => reads && !writes).map(({ role }) => role)
  const revoke = (rights: string, roles: readonly string[]) =>
    `revoke ${rights} on ${name} from ${roles.join(', ')};`
  const policiesOf = policies.length === 0 ? '' : ` Its policies: ${policies.map(policyText).join('; ')}.`
  return [
    ...restrictive.map((policy) =>
      fault(
        `The restrictive policy ${policy} on ${name} binds Portero too: whom it hides Portero takes for gone, and finding people gets slow.`,
        `Name the roles that it is for, such as: alter policy "${policy}" on ${name} to authenticated;`,
      ),
    ),
    ...(writers.length === 0
      ? []
      : [
          fault(
            `${name} can be written by ${writers.join(' and ')}: whoever has that access decides who people are.${policiesOf}`,
            `Where your own programs do not need it, run: ${revoke('insert, update, delete, truncate', writers)}${hasRowSecurity ? dropsOf(name, policies) : ''}`,
          ),
        ]),
    ...(readers.length === 0
      ? []
      : [
          warning(
            `${name} can be read by ${readers.join(' and ')}: names, documents or phones of everybody.${policiesOf}`,
            `Where your own programs do not need it, run: ${revoke('select', readers)}`,
          ),
        ]),
    ...(hasRowSecurity
      ? []
      : [
          warning(
            `Row level security is off for ${name}: every grant there opens all of its rows.`,
            `When your own programs have policies (or work as its owner), run: alter table ${name} enable row level security; Portero has a policy of its own already.`,
          ),
        ]),
  ]
}

function policyText({ name, command, roles }: TableAccess['policies'][number]): string {
  return `${name} (${command} to ${roles})`
}

function dropsOf(name: string, policies: TableAccess['policies']): string {
  const writing = policies.filter(({ command }) => command !== 'select')
  return writing.map((policy) => ` or: drop policy "${policy.name}" on ${name};`).join('')
}

function judgeRows({ orphans, severalRows, hasNaiveTime }: PeopleSeen): Finding[] {
  return [
    ...(orphans.count === 0
      ? []
      : [
          warning(
            `${orphans.count === 1 ? '1 memory is' : `${orphans.count} memories are`} about nobody in the people table.`,
            `Run: delete from public.telefono_usuario t where ${orphans.where}; and start Portero again, which makes the foreign key.`,
          ),
        ]),
    ...(severalRows === 0
      ? []
      : [
          warning(
            `${severalRows === 1 ? '1 phone has' : `${severalRows} phones have`} several rows in public.telefono_usuario, in different spellings: the one used last counts.`,
            `Look at them: select * from public.telefono_usuario t where (select count(*) from public.telefono_usuario o where regexp_replace(o.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g')) > 1;`,
          ),
        ]),
    ...(hasNaiveTime
      ? [
          ok(
            'ultimo_acceso has no time zone: Portero reads and writes it as UTC. A bot whose sessions have another zone is off by its hours.',
          ),
        ]
      : []),
  ]
}

/** What is wrong, and what to do: a refusal has both, one after the other. */
function halves(refusal: string): [what: string, cure: string] {
  const [, what = refusal, cure = 'Mend that, and start Portero again.'] =
    /^(.*?\.) ([A-Z].*)$/s.exec(refusal) ?? []
  return [what, cure]
}
