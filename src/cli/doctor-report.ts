import type { Finding, Group } from '../compose/doctor/finding.ts'

/** Plain ASCII, two wide: read without colour, in any terminal and in a log. */
const marks: Readonly<Record<Finding['status'], string>> = {
  fault: '!!',
  warning: '! ',
  unseen: '??',
  ok: 'ok',
}
const order = Object.keys(marks)

/** The findings for a reader: group by group, the worst first, each cure below what it cures. */
export function doctorReport(groups: readonly Group[]): string {
  const blocks = groups.map(({ name, findings }) =>
    [name, ...bySeverity(findings).flatMap(linesOf)].join('\n'),
  )
  return [...blocks, summaryOf(groups)].join('\n\n')
}

function bySeverity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
}

function linesOf({ status, what, cure }: Finding): string[] {
  return [`  ${marks[status]}  ${what}`, ...(cure === undefined ? [] : [`      ${cure}`])].map(oneLine)
}

/** Names from elsewhere must not write lines, or move the cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

function summaryOf(groups: readonly Group[]): string {
  const count = (status: Finding['status']) =>
    groups.flatMap(({ findings }) => findings).filter((finding) => finding.status === status).length
  const counted = [
    plural(count('fault'), 'fault'),
    plural(count('warning'), 'warning'),
    `${count('unseen')} cannot be seen from here`,
  ]
  return `${counted.join(', ')}. (!! fault, ! warning, ?? cannot be seen, ok)`
}

function plural(count: number, word: string): string {
  return `${count === 0 ? 'No' : count} ${word}${count === 1 ? '' : 's'}`
}
