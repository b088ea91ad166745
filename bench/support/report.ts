import { cpus, totalmem } from 'node:os'
import type { Row } from '../bench.ts'
import { isPinned } from './children.ts'
import type { Measured } from './load.ts'
import { median } from './median.ts'

const columns = ['work', 'Portero', 'beside', 'figure', 'target', ''] as const

/** The results as a table for the terminal. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [[...columns], ...rows.map(cellsOf)]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The results as Markdown, with what has to be known to read them. */
export function markdownOf(rows: readonly Row[], command: string, date: string): string {
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB`
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    `${date}, ${machine}, ${process.platform}, Node ${process.versions.node}${isPinned ? ', a core for each side' : ''}: \`${command}\``,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(cellsOf(row))),
  ].join('\n')
}

/**
 * Earlier results as Markdown with these rows in the place of those about the same work, and the rest of them at the end. Each says
 * when it was measured, since what stands around it is from another day.
 */
export function mergedMarkdown(earlier: string, rows: readonly Row[], date: string): string {
  const line = (row: Row): string => {
    const note = [row.note, `measured ${date}`].filter(Boolean).join('; ')
    return `| ${cellsOf({ ...row, note }).join(' | ')} |`
  }
  const fresh = Map.groupBy(rows, ({ work }) => work)
  const merged = earlier
    .trimEnd()
    .split('\n')
    .flatMap((before) => {
      const work = /^\| (.*?) \|/.exec(before)?.[1] ?? ''
      const instead = fresh.get(work)
      if (instead === undefined) return rows.some((row) => row.work === work) ? [] : [before]
      fresh.delete(work)
      return instead.map(line)
    })
  return [...merged, ...[...fresh.values()].flat().map(line)].join('\n')
}

function cellsOf(row: Row): string[] {
  return [
    row.work,
    row.portero,
    row.beside,
    row.figure === undefined ? '' : `${digits(row.figure)} ${row.unit}`,
    targetOf(row),
    [isMet(row) === false ? 'missed' : isMet(row) === true ? 'met' : '', row.note ?? '']
      .filter(Boolean)
      .join('; '),
  ]
}

function targetOf({ target, unit }: Row): string {
  if (target === undefined) return ''
  return 'atLeast' in target ? `≥ ${target.atLeast} ${unit}` : `≤ ${target.atMost} ${unit}`
}

function isMet({ target, figure }: Row): boolean | undefined {
  if (target === undefined || figure === undefined) return undefined
  return 'atLeast' in target ? figure >= target.atLeast : figure <= target.atMost
}

function digits(figure: number): string {
  return figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toPrecision(2)
}

/** How many requests one core did in a second: the median of several stretches. */
export function perCore(measured: readonly Measured[]): string {
  return `${Math.round(median(measured.map((m) => m.perCoreSecond))).toLocaleString('en')}/s`
}
