import { StartupProblem } from '../domain/startup-problem.ts'

/** One thing that is wrong with the configuration. */
export type Finding = {
  /** The keys that it is about, as `otp.ttl_seconds`; none for a name that is no key. */
  readonly keys: readonly string[]
  /** One line: the key and its name in the environment, what is wrong, what is allowed. Never the value. */
  readonly text: string
}

/** The configuration cannot be used. The message tells everything that is wrong with it at once. */
export class ConfigProblem extends StartupProblem {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    const things = findings.length === 1 ? 'one thing' : `${findings.length} things`
    super(
      [
        `Portero cannot use its configuration: ${things} must be changed.`,
        ...findings.map(({ text }) => `  - ${text}`),
        'Every key is explained in docs/reference/configuration.md.',
      ].join('\n'),
    )
    this.name = 'ConfigProblem'
    this.findings = findings
  }
}
