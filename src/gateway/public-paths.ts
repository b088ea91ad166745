/** Says whether a decoded path may be reached without a session. */
export type PublicPaths = (path: string | undefined) => boolean

/**
 * Reads patterns once: an exact path, or `/prefix/*` for everything below. Case counts. The path comes decoded from
 * `parseRequestTarget`; one that can be read in two ways comes as undefined and is never public.
 */
export function publicPaths(patterns: readonly string[]): PublicPaths {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('/*')))
  const prefixes = patterns.filter((pattern) => pattern.endsWith('/*')).map((pattern) => pattern.slice(0, -1))
  return (path) =>
    path !== undefined && (exact.has(path) || prefixes.some((prefix) => path.startsWith(prefix)))
}
