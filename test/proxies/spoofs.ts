import { identityHeaderNames } from '../../src/http/identity-headers.ts'

/** Names under which a client might say who it is, in the spellings that some program takes for the same name. */
export const spoofedNames: readonly string[] = [
  ...identityHeaderNames,
  ...[
    'x_portero_email',
    'X_Portero_User',
    'X.Portero.Email',
    'x-PORTERO_email',
    'X-Portero_Email',
    'x-portero-EMAIL',
  ],
  ...['X-Portero.Email', 'X_Portero-Jwt'],
  ...['X-Auth-User', 'X-Auth-Email', 'X-Auth-Phone', 'X_Auth_Email', 'x-AUTH_email', 'X.Auth.Email'],
  ...['X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username'],
  ...['Remote-User', 'Remote-Email', 'Remote_User', 'X-Remote-User', 'X-WebAuth-User'],
  ...['X-OpenWebUI-User-Id', 'X-OpenWebUI-User-Email', 'X-OpenWebUI-User-Role', 'X_OpenWebUI_User_Email'],
  ...['X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Original-URL', 'X-Rewrite-URL', 'Forwarded', 'X-Real-IP'],
]

/** Ways to write a private path, where /public/… is open, so that something takes it for a public one or for Portero's own. */
export const pathTricks: readonly string[] = [
  '/a',
  '/public',
  '/public/../admin',
  '/public/%2e%2e/admin',
  '/public/.%2e/admin',
  '/public%2f..%2fadmin',
  '/public/%2e%2e%2fadmin',
  '//admin',
  '/public//../admin',
  '/public;/../admin',
  '/public/..;/admin',
  '/PUBLIC/a',
  '/admin?x=/public/a',
  '/admin#/public/a',
  '/public\\..\\admin',
  '/public/..\\admin',
  '/public/%5c..%5cadmin',
  '/%70ublic/a/../../admin',
  '/public/%252e%252e/admin',
  '/public/%c0%ae%c0%ae/admin',
  '/_portero/../a',
  '/signin/../a',
  '/otp/../a',
  '/otp/%2e%2e/a',
  '/%5fportero/../a',
  '/static/loader.js/../../a',
  '/a?x=/_portero/',
  '/a/_portero/signin',
]
