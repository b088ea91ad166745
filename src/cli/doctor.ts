import { networkInterfaces } from 'node:os'
import type { Group } from '../compose/doctor/finding.ts'
import { judgeConfigProblem } from '../compose/doctor/settings.ts'
import type { Config } from '../config/config.ts'
import { ConfigProblem } from '../config/problem.ts'
import { type Command, CommandFailed, type CommandWorld, hasFlag } from './command.ts'
import { doctorReport } from './doctor-report.ts'
import { loadFromWorld } from './load-from-world.ts'

/** Says what keeps Portero, its database and the Open WebUI behind it from working together. */
export const doctor: Command = {
  name: 'doctor',
  summary:
    'Looks at Portero, its database, its public address and the Open WebUI behind, and tells what to change.',
  options: { json: { summary: 'Prints the findings as JSON.', isFlag: true } },
  async run(world, given) {
    const groups = await findingsOf(world)
    world.print(hasFlag(given, 'json') ? JSON.stringify(groups, undefined, 2) : doctorReport(groups))
    if (groups.some(({ findings }) => findings.some(({ status }) => status === 'fault')))
      throw new CommandFailed()
  },
}

async function findingsOf(world: CommandWorld): Promise<Group[]> {
  const loaded = configOf(world)
  if (loaded instanceof ConfigProblem) return [{ name: 'Portero', findings: judgeConfigProblem(loaded) }]
  // Loaded here: the other commands need none of it and would wait for it.
  const { examine } = await import('../compose/doctor/examine.ts')
  const { currentFolder } = world
  return examine({ config: loaded, currentFolder, interfaces: networkInterfaces(), now: Date.now })
}

function configOf(world: CommandWorld): Config | ConfigProblem {
  try {
    return loadFromWorld(world).config
  } catch (thrown) {
    if (thrown instanceof ConfigProblem) return thrown
    throw thrown
  }
}
