/**
 * Runs the benchmarks, all or those that are named, and prints what they came to beside their targets.
 *
 *     npm run bench -- [forward-auth …] [--write]
 *
 * `--write` puts the results between the markers of docs/benchmarks.md as well: of all benchmarks in the place of what stands
 * there, of some in the place of the rows about the same work.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { authRequest } from './auth-request.ts'
import type { Bench, Row } from './bench.ts'
import { bodies } from './bodies.ts'
import { bot } from './bot.ts'
import { chatStream } from './chat-stream.ts'
import { forwardAuth } from './forward-auth.ts'
import { idleWebsockets } from './idle-websockets.ts'
import { proxy } from './proxy.ts'
import { recognition } from './recognition.ts'
import { requestVerify } from './request-verify.ts'
import { startAndMemory } from './start.ts'
import { streams } from './streams.ts'
import { stopChildren } from './support/children.ts'
import { markdownOf, mergedMarkdown, tableOf } from './support/report.ts'
import { workers } from './workers.ts'

const benches: readonly Bench[] = [
  forwardAuth,
  authRequest,
  requestVerify,
  proxy,
  bodies,
  streams,
  idleWebsockets,
  chatStream,
  workers,
  startAndMemory,
  bot,
  recognition,
]
const page = new URL('../docs/benchmarks.md', import.meta.url)

const words = process.argv.slice(2)
const names = words.filter((word) => word !== '--write')
const unknown = names.find((name) => !benches.some((bench) => bench.name === name))
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are: ${benches.map(({ name }) => name).join(', ')}.`)
  process.exit(64)
}

process.once('SIGINT', async () => {
  await stopChildren()
  process.exit(130)
})
try {
  const rows = await runAll(benches.filter(({ name }) => names.length === 0 || names.includes(name)))
  console.log(`\n${tableOf(rows)}\n`)
  if (words.includes('--write')) {
    const date = new Date().toISOString().slice(0, 10)
    write((earlier) =>
      names.length === 0 ? markdownOf(rows, 'npm run bench', date) : mergedMarkdown(earlier, rows, date),
    )
  }
} finally {
  await stopChildren()
}
process.exit()

async function runAll(chosen: readonly Bench[]): Promise<Row[]> {
  const steps = chosen.reduce((sum, bench) => sum + bench.steps, 0)
  const rows: Row[] = []
  let done = 0
  for (const bench of chosen) {
    show(done / steps, bench.name)
    rows.push(
      ...(await bench.run({
        progress: () => {
          done++
          show(done / steps, bench.name)
        },
      })),
    )
  }
  show(1, 'done')
  return rows
}

function show(share: number, name: string): void {
  if (!process.stderr.isTTY) return
  const full = Math.round(share * 30)
  process.stderr.write(`\r[${'='.repeat(full)}${' '.repeat(30 - full)}] ${name.padEnd(20)}`)
}

function write(change: (earlier: string) => string): void {
  const before = readFileSync(page, 'utf8')
  const after = before.replace(
    /(<!-- results -->\n)([\s\S]*)(<!-- \/results -->)/,
    (_, start, earlier, end) => `${start}${change(earlier)}\n${end}`,
  )
  if (after === before)
    throw new Error('docs/benchmarks.md has lost its markers, <!-- results --> and <!-- /results -->.')
  writeFileSync(page, after)
}
