import type { StandInAccount, StandInGroup } from './stand-in-accounts.ts'
import { type StandInNeeds, standInGates } from './stand-in-gates.ts'
import {
  type Answer,
  type Asked,
  isOff,
  isOn,
  jsonOf,
  Refused,
  type Route,
  sentences,
} from './stand-in-request.ts'

/** What an administrator's token may do with accounts, groups and settings. */
export function administrationRoutes(needs: StandInNeeds): Route[] {
  const { settings, accounts } = needs
  const { administrator, verified } = standInGates(needs)

  /** Revocation and changes: another administrator may do neither to the first account. */
  function guardFirst(asking: StandInAccount, id: string): void {
    if (accounts.isFirst(id) && asking.id !== id) throw new Refused(403, sentences.forbidden)
  }

  function changeAccount({ req, body, id }: Asked): Answer {
    const asking = administrator(req)
    guardFirst(asking, id)
    const { name, role, email } = jsonOf(body)
    if (accounts.isFirst(id) && typeof role === 'string' && role !== 'admin')
      throw new Refused(403, sentences.forbidden)
    const changed = accounts.byId(id)
    if (changed === undefined) throw new Refused(400, sentences.notFound)
    if (typeof name === 'string') changed.name = name
    if (typeof email === 'string') changed.email = email.toLowerCase()
    if (typeof role === 'string') accounts.changeRole(changed, role)
    return { json: accountView(changed) }
  }

  function listAccounts({ req, query }: Asked): Answer {
    administrator(req)
    const sought = (query.get('query') ?? '').toLowerCase()
    const found = accounts.accounts.filter(({ email, name }) =>
      [email, name.toLowerCase()].some((text) => text.includes(sought)),
    )
    if (query.get('direction') !== 'asc') found.reverse()
    const skipped = (Math.max(1, Number(query.get('page') ?? 1)) - 1) * 30
    const users = found.slice(skipped, skipped + 30)
    return {
      json: {
        users: users.map((user) => ({ ...accountView(user), group_ids: [...user.groupIds] })),
        total: found.length,
      },
    }
  }

  const groupView = (group: StandInGroup) => ({
    ...{ parent_group_id: null, ...group, meta: null, permissions: null },
    data: { config: { share: 'members' } },
    member_count: accounts.accounts.filter(({ groupIds }) => groupIds.has(group.id)).length,
  })

  function readAccount({ req, id }: Asked): Answer {
    administrator(req)
    const found = accounts.byId(id)
    if (found === undefined) throw new Refused(400, sentences.notFound)
    return { json: { ...accountView(found), is_active: true, groups: [] } }
  }

  function deleteAccount({ req, id }: Asked): Answer {
    const asking = administrator(req)
    if (accounts.isFirst(id) || asking.id === id) throw new Refused(403, sentences.forbidden)
    accounts.remove(id)
    return { json: true }
  }

  function revokeSessions({ req, id }: Asked): Answer {
    const asking = administrator(req)
    const revoked = accounts.byId(id)
    if (revoked === undefined) throw new Refused(404, 'User not found.')
    guardFirst(asking, id)
    accounts.revoke(revoked)
    return { json: true }
  }

  function listGroups({ req }: Asked): Answer {
    const asking = verified(req)
    const isSeen = ({ id }: StandInGroup) => asking.role === 'admin' || asking.groupIds.has(id)
    return { json: accounts.groups.filter(isSeen).map(groupView) }
  }

  function groupsOf({ req, id }: Asked): Answer {
    administrator(req)
    const held = accounts.byId(id)?.groupIds
    return { json: accounts.groups.filter((group) => held?.has(group.id)).map(groupView) }
  }

  function createGroup({ req, body }: Asked): Answer {
    administrator(req)
    const { name, description } = jsonOf(body)
    if (typeof name !== 'string' || typeof description !== 'string') throw new Refused(422, 'Field required')
    return { json: groupView(accounts.createGroup(name, description)) }
  }

  function readSettings({ req }: Asked): Answer {
    administrator(req)
    const json = {
      ENABLE_MFA: isOn(settings.ENABLE_MFA),
      MFA_ALLOW_TRUSTED_HEADER_BYPASS: isOn(settings.MFA_ALLOW_TRUSTED_HEADER_BYPASS),
      WEBUI_URL: settings.WEBUI_URL ?? '',
      ENABLE_LOGIN_FORM: !isOff(settings.ENABLE_LOGIN_FORM),
      ENABLE_SIGNUP: accounts.accounts.length === 0 && !isOff(settings.ENABLE_SIGNUP),
      ENABLE_API_KEYS: isOn(settings.ENABLE_API_KEYS),
      DEFAULT_USER_ROLE: settings.DEFAULT_USER_ROLE || 'pending',
      JWT_EXPIRES_IN: settings.JWT_EXPIRES_IN || '4w',
    }
    return { json }
  }

  function readOauthSettings({ req }: Asked): Answer {
    administrator(req)
    return { json: { ENABLE_OAUTH: true, OAUTH_CLIENT_ID: '', OAUTH_CLIENT_SECRET: '' } }
  }

  return [
    ['GET', /^\/api\/v1\/users\/$/, listAccounts],
    ['GET', /^\/api\/v1\/users\/([^/]+)$/, readAccount],
    ['DELETE', /^\/api\/v1\/users\/([^/]+)$/, deleteAccount],
    ['POST', /^\/api\/v1\/users\/([^/]+)\/update$/, changeAccount],
    ['POST', /^\/api\/v1\/users\/([^/]+)\/sessions\/revoke$/, revokeSessions],
    ['GET', /^\/api\/v1\/users\/([^/]+)\/groups$/, groupsOf],
    ['GET', /^\/api\/v1\/groups\/$/, listGroups],
    ['POST', /^\/api\/v1\/groups\/create$/, createGroup],
    ['GET', /^\/api\/v1\/auths\/admin\/config$/, readSettings],
    ['GET', /^\/api\/v1\/auths\/admin\/config\/oauth$/, readOauthSettings],
  ]
}

function accountView({ id, email, name, role, createdAt }: StandInAccount) {
  return { id, email, username: null, role, name, profile_image_url: '/user.png', created_at: createdAt }
}
