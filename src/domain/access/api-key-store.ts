/** What an API key may do. */
export const scopes = ['otp'] as const

export type Scope = (typeof scopes)[number]

export type ApiKey = {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAt: Date
  readonly lastUsedAt: Date | undefined
  readonly isRevoked: boolean
}

/** Where API keys live, as hashes. */
export interface ApiKeyStore {
  addKey(key: { name: string; scopes: readonly Scope[]; secretHash: Buffer }): Promise<ApiKey>
  listKeys(): Promise<readonly ApiKey[]>
  /** True only for the one caller that revoked it. */
  revokeKey(id: string): Promise<boolean>
  /** The key of this secret, while it is not revoked; notes its use at most once a minute. */
  findKey(secretHash: Buffer): Promise<ApiKey | undefined>
}
