/** One line of the results. */
export type Row = {
  readonly work: string
  /** What Portero did, in the unit of the work. */
  readonly portero: string
  /** What it is compared with, and what that did; empty for an absolute figure. */
  readonly beside: string
  /** The figure that the target speaks of: a ratio, or an amount. */
  readonly figure: number | undefined
  /** How `figure` is shown: `0.93 ×`, `1.2 ms`. */
  readonly unit: string
  readonly target: { readonly atLeast: number } | { readonly atMost: number } | undefined
  /** Why there is no figure, or what has to be known to read it. */
  readonly note?: string
}

export type BenchTools = {
  /** One more step is done, of `steps`. */
  readonly progress: () => void
}

/** One benchmark: what it measures is measured in turn with what it is compared with. */
export type Bench = {
  readonly name: string
  /** How often it calls `progress`. */
  readonly steps: number
  run(tools: BenchTools): Promise<Row[]>
}
