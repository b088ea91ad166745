#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// A command starts in half the time. What is kept there is run, so it lies where only those may write who may change the program;
// for everybody else nothing is kept.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/portero'))
const { pino } = await import('pino')
const { commands, run } = await import('./cli/run.ts')

const isService =
  process.argv[2] === 'serve' || !commands.some(({ name }) => name.split(' ')[0] === process.argv[2])
// A terminal or a pipe that is gone must not end the service, and leave its database behind.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const destination = pino.destination({ dest: isService ? 1 : 2, sync: true })
destination.on('error', () => {})

const log = pino(
  {
    level: isService ? 'info' : 'warn',
    // An error of a driver carries its client, and that its password: the log takes what an error says, not what it holds.
    serializers: {
      err: (error: unknown) =>
        error instanceof Error ? { type: error.name, stack: error.stack } : typeof error,
    },
  },
  destination,
)

const world = {
  env: process.env,
  currentFolder: process.cwd(),
  log,
  setLogLevel: (level: string) => {
    log.level = level
  },
  print: (line: string) => process.stdout.write(`${line}\n`),
}
process.exitCode = await run(process.argv.slice(2), world, (line) => process.stderr.write(`${line}\n`))
process.exit()
