import type { NetworkInterfaceInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultDataDir } from '../../adapters/postgres/default-data-dir.ts'
import type { Config } from '../../config/config.ts'
import { isDemo } from '../../config/demo.ts'
import { openKeyring } from '../../domain/tokens/keyring.ts'
import { judgeDatabase } from './database.ts'
import { type Finding, fault, type Group, ok, unseen } from './finding.ts'
import { judgeForwarding, lookAtForwarding } from './forwarded-headers.ts'
import { type DatabaseLook, lookAtDatabase, lookAtSecrets } from './look-at-installation.ts'
import { examineApp } from './open-webui.ts'
import { judgeHere, judgePublicAddress, localAddress, whoAnswers } from './public-address.ts'
import { judgeSecrets, usableSecrets } from './secrets.ts'
import { judgeSettings } from './settings.ts'
import { judgePort, lookAtPort } from './upstream-port.ts'

type Needs = {
  readonly config: Config
  readonly currentFolder: string
  /** `os.networkInterfaces()`. */
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>
  readonly now: () => number
}

/** Two of these come one after the other. */
const groupMs = 13_000

/**
 * Looks at an installation from the machine that it runs on, beside a Portero that serves it or without one. Changes nothing
 * there; in Open WebUI it signs Portero's own account in, as Portero does. Ends within thirty seconds and never rejects.
 */
export async function examine({ config, currentFolder, interfaces, now }: Needs): Promise<Group[]> {
  const dataDir = config.data_dir ?? (await defaultDataDir(currentFolder))
  const place = { config, dataDir }
  const secrets = await lookAtSecrets(place)
  const usable = usableSecrets(secrets)
  const keyring = usable === undefined ? undefined : openKeyring(usable)

  const portero = inTime('Portero', async () => [
    ...judgeSettings(config),
    ...judgeSecrets(secrets, config.tokens),
    ...(await examineAddresses(config, keyring)),
  ])
  let looked: DatabaseLook | undefined
  const database = await inTime('Database', async () => {
    looked = await lookAtDatabase(place, now)
    return judgeDatabase(
      looked,
      keyring?.all.map(({ id }) => id),
    )
  })
  const app = await examineBehind({ config, groups: groupsIn(looked), interfaces, now })
  return [await portero, database, app]
}

async function examineAddresses(
  config: Config,
  keyring: ReturnType<typeof openKeyring> | undefined,
): Promise<Finding[]> {
  const address = localAddress(config.listen)
  const whoIf = async (origin: string | undefined) =>
    origin === undefined ? undefined : whoAnswers(origin, keyring)
  const [here, outside, forwarding] = await Promise.all([
    whoIf(address),
    whoIf(config.public_url),
    lookAtForwarding(config),
  ])
  return [
    judgeHere(here, address),
    ...judgePublicAddress(config, outside, here),
    ...judgeForwarding(config, forwarding),
  ]
}

type BehindNeeds = Omit<Parameters<typeof examineApp>[0], 'upstreamUrl'> & Pick<Needs, 'interfaces'>

async function examineBehind({ interfaces, ...needs }: BehindNeeds): Promise<Group> {
  const { url } = needs.config.upstream
  if (url === undefined) {
    const isShown = isDemo(needs.config).demo
    return {
      name: 'Application',
      findings: [
        isShown
          ? ok('The demo shows a small application of its own.')
          : unseen('No application stands behind this Portero: upstream.url (OPENWEBUI_URL) is not set.'),
      ],
    }
  }
  const upstreamUrl = new URL(url)
  let name = 'Application'
  const { findings } = await inTime(name, async () => {
    const [app, port] = await Promise.all([
      examineApp({ ...needs, upstreamUrl }),
      lookAtPort({ upstreamUrl, interfaces }),
    ])
    name = app.name
    return [...app.findings, ...judgePort(port, { upstreamUrl, believesHeaders: name === 'Open WebUI' })]
  })
  return { name, findings }
}

function groupsIn(looked: DatabaseLook | undefined): readonly string[] | undefined {
  return looked !== undefined && 'schema' in looked && looked.schema.kind === 'made'
    ? looked.schema.groups
    : undefined
}

/** A group, whatever happens: what takes too long or fails by itself is one finding of its own. */
async function inTime(name: string, work: () => Promise<Finding[]>): Promise<Group> {
  const late = new AbortController()
  try {
    const findings = await Promise.race([work(), sleep(groupMs, undefined, { signal: late.signal })])
    if (findings !== undefined) return { name, findings }
    return {
      name,
      findings: [
        fault(
          'This took too long to be looked at.',
          'See whether the machine or the network is overloaded, and ask again.',
        ),
      ],
    }
  } catch (thrown) {
    // Not the message, which may hold anything.
    const kind = thrown instanceof Error ? thrown.name : typeof thrown
    return {
      name,
      findings: [
        fault(`This could not be looked at: the doctor itself failed (${kind}).`, 'Please report it.'),
      ],
    }
  } finally {
    late.abort()
  }
}
