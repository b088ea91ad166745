#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Starts Portero: the source in a clone, what `npm run build` made of it in the package. Where Node is older than Portero
 * needs, the one of the npm package `node` runs it. So this file is the one that old versions have to understand.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const needed = engines.node.replace('>=', '')
const main = [join(root, 'src', 'main.ts'), join(root, 'dist', 'main.js')].find((file) => existsSync(file))

if (main === undefined) {
  complain('There is no dist/main.js here. Run "npm run build", or install Portero again.')
} else if (isAtLeast(process.versions.node, needed)) {
  await import(pathToFileURL(main).href)
} else {
  const node = nodeFromNpm()
  if (node === undefined) {
    complain(
      `Portero needs Node ${needed} or newer, and this is ${process.versions.node}. Install a newer one, or install Portero ` +
        'again and let the npm package "node" run its install script, which brings one.',
    )
  } else hand(node, [main, ...process.argv.slice(2)])
}

function isAtLeast(version, wanted) {
  const numbers = (text) => text.split('.').map(Number)
  const [major = 0, minor = 0] = numbers(version)
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function nodeFromNpm() {
  try {
    const description = createRequire(import.meta.url).resolve('node/package.json')
    const file = join(dirname(description), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

/** Runs another program in place of this one: with its signals, and to its exit code. */
function hand(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal tells the child by itself, and told twice it would not finish what is under way.
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => complain(`${program} does not start: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}

function complain(text) {
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}
