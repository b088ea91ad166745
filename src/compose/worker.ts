import { once } from 'node:events'
import type { Config } from '../config/config.ts'
import type { Storage } from './open-storage.ts'

/** What a worker gets from the process that started it. */
export type Inheritance = {
  readonly config: Config
  readonly storage: Pick<Storage, 'url' | 'secrets'>
}

/** Asks the process that started this one for what to work with. The storage that it names is open and stays another's. */
export async function inherit(): Promise<{ config: Config; storage: Storage }> {
  const told = once(process, 'message')
  process.send!('what do I work with?')
  const [{ config, storage }] = (await told) as [Inheritance]
  return {
    config,
    storage: { ...storage, adminUrl: undefined, isEmbedded: false, close: async () => {} },
  }
}
