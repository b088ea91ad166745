import { readFile, stat } from 'node:fs/promises'

/** The account under which the server runs when Portero itself runs as root, whom PostgreSQL refuses to serve. */
export type DatabaseUser = { name: string; uid: number; gid: number }

const preferredNames = ['portero', 'postgres', 'nobody']

/** All that the server's programs see of the environment: nothing of ours, one language for messages, UTC. */
export const serverEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Whether this process is root, and so has to start the server as somebody else. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Who runs the server: undefined for an ordinary user (as ourselves), and under root the owner of the existing
 * cluster, else the first account of `portero`, `postgres` and `nobody` that the machine has.
 */
export async function databaseUser(clusterFolder: string): Promise<DatabaseUser | undefined> {
  if (!isRoot()) return undefined
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  const owner = await stat(clusterFolder).catch(() => undefined)
  if (owner !== undefined && owner.uid !== 0) {
    const account = accounts.find(({ uid }) => uid === owner.uid)
    return account ?? { name: String(owner.uid), uid: owner.uid, gid: owner.gid }
  }
  for (const name of preferredNames) {
    const account = accounts.find((candidate) => candidate.name === name && candidate.uid !== 0)
    if (account !== undefined) return account
  }
  // initdb wants an account with a name, but every Unix has `nobody`; without one the number still runs a server.
  return { name: 'nobody', uid: 65534, gid: 65534 }
}

/** The part of `spawn`'s options that makes a program run as this user. */
export function identity(user: DatabaseUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid }
}

/** The accounts of an /etc/passwd, by passwd(5); negative ids (macOS) as the unsigned ones that they stand for. */
export function parseAccounts(passwd: string): DatabaseUser[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    if (!name || name.startsWith('#') || uid === undefined || gid === undefined) return []
    return [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }]
  })
}
