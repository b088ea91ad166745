import type { RefusalCode } from '../../../domain/errors.ts'

const settings: Partial<Record<RefusalCode, string>> = {
  app_sign_in_off: 'ENABLE_PASSWORD_AUTH=true',
  app_headers_off:
    'WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email WEBUI_AUTH_TRUSTED_NAME_HEADER=X-Portero-Name ' +
    'WEBUI_AUTH_TRUSTED_ROLE_HEADER=X-Portero-Role WEBUI_AUTH_TRUSTED_GROUPS_HEADER=X-Portero-Groups',
  app_second_factor: 'MFA_ALLOW_TRUSTED_HEADER_BYPASS=true',
}

/** The environment of Open WebUI that makes it take the sign-ins that it refuses with this code; undefined where no setting would. */
export function whatToSet(code: RefusalCode): string | undefined {
  return settings[code]
}
