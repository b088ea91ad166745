import { spawnSync } from 'node:child_process'

/** Whether a program that npm does not bring is missing here. */
export function isMissing(program: string): boolean {
  return spawnSync(program, ['--version']).status !== 0
}

/** For the title of a test that is skipped without it. */
export function skipReason(program: string): string {
  return isMissing(program) ? ` (skipped: ${program} is not installed)` : ''
}
