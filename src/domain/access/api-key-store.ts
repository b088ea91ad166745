/**
 * What an API key may do: ask for codes and verify them; read who a phone speaks for; link and forget; and say, as the
 * operator's own word, that a phone is somebody's; bring messages to the bot; and say that their senders are proved.
 */
export const scopes = [
  ...(['otp', 'people:read', 'people:write', 'people:attest'] as const),
  ...(['chat', 'chat:prove'] as const),
] as const

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
