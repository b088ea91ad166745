import { openWebuiAccounts } from '../../adapters/vendors/open-webui/accounts.ts'
import { type AppCall, openAppCall } from '../../adapters/vendors/open-webui/call.ts'
import { type OpenWebuiProbe, openWebuiProbe } from '../../adapters/vendors/open-webui/probe.ts'
import { probeHeaders } from '../../adapters/vendors/open-webui/probe-headers.ts'
import type { Config } from '../../config/config.ts'
import { isRefusal } from '../../domain/errors.ts'
import { type Finding, fault, type Group, ok, unseen } from './finding.ts'
import { lookMs } from './look.ts'
import { judgeDoor, judgeFailedSignIn, judgeHeaders, judgeVersion } from './open-webui-door.ts'
import {
  judgeAdminSettings,
  judgeCookie,
  judgeCors,
  judgeFirstAccount,
  judgeGroups,
  judgeLife,
  judgeOauth,
  judgePublicSettings,
  judgeSignOut,
  unseenSettings,
} from './open-webui-settings.ts'

type Needs = {
  readonly config: Config
  readonly upstreamUrl: URL
  /** Groups of people on record; undefined when they could not be read. */
  readonly groups: readonly string[] | undefined
  readonly now: () => number
}

/** A site that nobody has. */
const foreignOrigin = 'https://foreign.invalid'

/** Looks at the application behind, and closely where it is an Open WebUI. */
export async function examineApp({ upstreamUrl, ...needs }: Needs): Promise<Group> {
  const { call, close } = openAppCall(upstreamUrl, { timeoutMs: lookMs })
  try {
    return await examine({ ...needs, call })
  } finally {
    await close()
  }
}

type Looking = Omit<Needs, 'upstreamUrl'> & { readonly call: AppCall }

async function examine({ config, call, now, groups }: Looking): Promise<Group> {
  const { kind } = config.upstream
  if (kind === 'generic') return { name: 'Application', findings: [await answers(call)] }
  const serviceEmail = `portero@${config.people.email_domain}`
  const probe = openWebuiProbe({ call, serviceEmail, now })
  try {
    const name = 'Open WebUI'
    return { name, findings: await examineOpenWebui(probe, { config, call, now, groups, serviceEmail }) }
  } catch (thrown) {
    if (kind === 'auto' && isRefusal(thrown, 'app_answer_unknown')) {
      return {
        name: 'Application',
        findings: [ok('The application answers. It is no Open WebUI, and gets identity headers alone.')],
      }
    }
    return { name: kind === 'auto' ? 'Application' : 'Open WebUI', findings: [noOpenWebui(thrown)] }
  }
}

async function answers(call: AppCall): Promise<Finding> {
  try {
    await call({ path: '/' })
    return ok('The application answers; it gets identity headers alone (upstream.kind: generic).')
  } catch (thrown) {
    return isRefusal(thrown, 'app_answer_unknown') ? ok('The application answers.') : noOpenWebui(thrown)
  }
}

function noOpenWebui(thrown: unknown): Finding {
  if (isRefusal(thrown, 'app_answer_unknown')) {
    return fault(
      'What answers at upstream.url is no Open WebUI.',
      'Correct upstream.url (OPENWEBUI_URL), or say what it is: upstream.kind: generic (PORTERO_UPSTREAM__KIND=generic)',
    )
  }
  const what = isRefusal(thrown, 'upstream_timeout') ? 'does not answer in time' : 'cannot be reached'
  return fault(
    `The application behind ${what} at upstream.url.`,
    'See that it runs (Open WebUI takes half a minute to start), or correct upstream.url (OPENWEBUI_URL).',
  )
}

async function examineOpenWebui(
  probe: OpenWebuiProbe,
  needs: Looking & { readonly serviceEmail: string },
): Promise<Finding[]> {
  const { config } = needs
  const publicUrl = config.public_url
  const facts = await probe.readConfig()
  const door = judgeDoor(facts, await probe.signInWithoutHeader())
  const findings = [judgeVersion(facts.version), ...door]
  if (!door.some(({ status }) => status === 'fault')) findings.push(...(await examineAsService(probe, needs)))
  return [
    ...findings,
    ...(await seen('Where its sign-out leads', async () => [
      judgeSignOut(await probe.readSignOutAddress(), publicUrl),
    ])),
    // Open WebUI closes its sign-up by itself when the first account comes, which may just have happened.
    ...(await seen('Which other ways in it has', async () => judgePublicSettings(await probe.readConfig()))),
    ...(await seen('CORS', async () => [judgeCors(await probe.readCors(foreignOrigin), publicUrl)])),
    ...unseenSettings,
  ]
}

/** An account that asked for the role `admin` and did not get it shows as much. */
const noneRead = { isRoleRead: false, wasNameRead: true }

/** What shows after Portero's own account has signed in, as Portero signs it in. */
async function examineAsService(
  probe: OpenWebuiProbe,
  { config, call, groups, serviceEmail, now }: Looking & { readonly serviceEmail: string },
): Promise<Finding[]> {
  const publicUrl = config.public_url
  let service: Awaited<ReturnType<OpenWebuiProbe['signInAsService']>>
  try {
    service = await probe.signInAsService()
  } catch (thrown) {
    return [judgeFailedSignIn(thrown)]
  }
  const outside = [
    ...(await seen('Which headers are read', async () =>
      judgeHeaders(service.role === 'admin' ? await probeHeaders({ call, serviceEmail }) : noneRead),
    )),
    judgeLife(service.jwtLifeSeconds, config.sessions),
    ...judgeCookie(service, publicUrl),
  ]
  if (service.role !== 'admin') return outside
  const { existingGroups } = openWebuiAccounts({ call, serviceEmail, now })
  return [
    ...outside,
    ...(await seen('The first account', async () => [
      judgeFirstAccount(await probe.isServiceFirstAccount()),
    ])),
    ...(await seen('What its administrators set', async () =>
      judgeAdminSettings(await probe.readAdminConfig(), publicUrl),
    )),
    ...(await seen('OAuth', async () => judgeOauth(await probe.readOauthConfig(), await probe.readConfig()))),
    ...(await seen('Groups', async () => {
      const used = groups ?? []
      const existing = await existingGroups(used, false)
      const missing = used.filter((name) => !existing.includes(name))
      return judgeGroups(await probe.isGroupsHeaderRead(), used, missing, config.upstream.create_groups)
    })),
  ]
}

/** What a look finds; where it fails, that it could not be seen. */
async function seen(what: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await work()
  } catch {
    return [unseen(`${what} could not be looked at: Open WebUI did not answer as it should.`, 'Ask again.')]
  }
}
