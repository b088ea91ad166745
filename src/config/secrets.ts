import { configKeys } from './keys.ts'

/** Paths of every key that is marked as secret where it is declared. */
export const secretPaths: readonly string[] = configKeys.filter((key) => key.isSecret).map((key) => key.path)
