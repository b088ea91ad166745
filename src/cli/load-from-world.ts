import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type LoadedConfig, loadConfigWithSources } from '../config/load.ts'
import type { CommandWorld } from './command.ts'

/** The configuration of whoever typed the command: file and environment. Throws a ConfigProblem. */
export function loadFromWorld(world: CommandWorld): LoadedConfig {
  return loadConfigWithSources({
    env: world.env,
    readFile: (path) => readFileSync(resolve(world.currentFolder, path), 'utf8'),
  })
}
