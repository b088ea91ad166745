import { inject } from 'vitest'

/** A real Open WebUI with its model, and where Portero stands before it. */
export type Place = {
  /** Past Portero. Nobody has an account there in the beginning. */
  readonly openWebuiUrl: string
  /** The origin that it takes for its own: where the tests start Portero. */
  readonly publicOrigin: string
  /** The address of its model, with `/v1`. */
  readonly modelUrl: string
}

/** What the global setup hands to every test file of `npm run test:openwebui`. */
declare module 'vitest' {
  interface ProvidedContext {
    /** One for each worker: its settings are everybody's who uses it. */
    places: readonly Place[]
  }
}

/** The place that no other file uses while this one runs. */
export function ownPlace(): Place {
  return inject('places')[Number(process.env.VITEST_POOL_ID) - 1]!
}
