/**
 * One thing that the doctor looked at. `warning` works, and may not be meant so; `fault` keeps people or secrets from being
 * where they should; `unseen` cannot be judged from here.
 */
export type Finding = {
  readonly status: 'ok' | 'warning' | 'fault' | 'unseen'
  /** One sentence. Holds no secret, no phone, and no address of a person. */
  readonly what: string
  /** What to do next; the line to set stands in it as it has to be written. */
  readonly cure?: string
}

/** Findings about one thing, under its name. */
export type Group = { readonly name: string; readonly findings: readonly Finding[] }

export function ok(what: string): Finding {
  return { status: 'ok', what }
}

export function warning(what: string, cure: string): Finding {
  return { status: 'warning', what, cure }
}

export function fault(what: string, cure: string): Finding {
  return { status: 'fault', what, cure }
}

/** What cannot be seen from here, and how it can be looked at by hand where there is a way. */
export function unseen(what: string, cure?: string): Finding {
  return cure === undefined ? { status: 'unseen', what } : { status: 'unseen', what, cure }
}
