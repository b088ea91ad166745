/** Those of Open WebUI's environment variables that its stand-in knows as well. Not set, or empty: Open WebUI's own default. */
export type OpenWebuiSetting =
  | 'WEBUI_AUTH_TRUSTED_EMAIL_HEADER'
  | 'WEBUI_AUTH_TRUSTED_NAME_HEADER'
  | 'WEBUI_AUTH_TRUSTED_GROUPS_HEADER'
  | 'WEBUI_AUTH_TRUSTED_ROLE_HEADER'
  | 'WEBUI_AUTH_SIGNOUT_REDIRECT_URL'
  | 'WEBUI_AUTH_COOKIE_SECURE'
  | 'WEBUI_AUTH_COOKIE_SAME_SITE'
  | 'WEBUI_SECRET_KEY'
  | 'WEBUI_URL'
  | 'CORS_ALLOW_ORIGIN'
  | 'DEFAULT_USER_ROLE'
  | 'JWT_EXPIRES_IN'
  | 'ENABLE_PASSWORD_AUTH'
  | 'ENABLE_SIGNUP'
  | 'ENABLE_LOGIN_FORM'
  | 'ENABLE_API_KEYS'
  | 'USER_PERMISSIONS_FEATURES_API_KEYS'
  | 'ENABLE_MFA'
  | 'MFA_ALLOW_TRUSTED_HEADER_BYPASS'

export type OpenWebuiSettings = Partial<Record<OpenWebuiSetting, string>>

/** How Open WebUI is set up behind Portero. */
export const settingsBehindPortero: OpenWebuiSettings = {
  WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Portero-Email',
  WEBUI_AUTH_TRUSTED_NAME_HEADER: 'X-Portero-Name',
  WEBUI_AUTH_TRUSTED_GROUPS_HEADER: 'X-Portero-Groups',
  WEBUI_AUTH_TRUSTED_ROLE_HEADER: 'X-Portero-Role',
  WEBUI_AUTH_SIGNOUT_REDIRECT_URL: '/_portero/signout',
  WEBUI_SECRET_KEY: 'a key of the tests, which guards nothing',
  DEFAULT_USER_ROLE: 'user',
  JWT_EXPIRES_IN: '12h',
  ENABLE_API_KEYS: 'true',
  USER_PERMISSIONS_FEATURES_API_KEYS: 'true',
}
