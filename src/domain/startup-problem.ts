/**
 * Portero cannot start, or a command cannot run, for a reason that the operator can mend. The message is shown as
 * it is: it tells what happened and the way out, and holds no secret. The technical reason travels in `cause`.
 */
export class StartupProblem extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StartupProblem'
  }
}
