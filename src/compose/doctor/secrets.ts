import type { KeyFileSeen } from '../../adapters/keys/look-at-key-file.ts'
import type { Config } from '../../config/config.ts'
import { type Finding, fault, ok, unseen, warning } from './finding.ts'

/** Where the secrets of the installation come from: the configuration, or the key file. */
export type SecretsSeen =
  | { readonly from: 'configuration'; readonly secrets: readonly string[] }
  | { readonly from: 'file'; readonly file: KeyFileSeen; readonly isDatabaseMade: boolean }

/** Says whether the secrets are there and can be secrets. Tells none of them, nor how long it is. */
export function judgeSecrets(seen: SecretsSeen, tokens: Config['tokens']): Finding[] {
  return [
    ...(seen.from === 'file' ? judgeFile(seen) : judgeGiven(seen.secrets, 'keys.secrets')),
    judgeShared(tokens),
  ]
}

/** The secrets that Portero would use, if all of them can be used. */
export function usableSecrets(seen: SecretsSeen): readonly [string, ...string[]] | undefined {
  const secrets = seen.from === 'file' ? (seen.file.kind === 'there' ? seen.file.secrets : []) : seen.secrets
  const [first, ...rest] = secrets
  if (first === undefined || secrets.some(isShort)) return undefined
  return [first, ...rest]
}

const randomly = 'openssl rand -base64 32'

function judgeFile({ file, isDatabaseMade }: Extract<SecretsSeen, { from: 'file' }>): Finding[] {
  if (file.kind === 'closed') {
    return [
      fault(
        'The key file in data_dir/keys cannot be read.',
        'Run this as the user that runs Portero, or give the file back to it.',
      ),
    ]
  }
  if (file.kind === 'missing') {
    return [
      isDatabaseMade
        ? fault(
            'The key file data_dir/keys/secrets is gone, and the database is there: Portero will not start.',
            'Restore it from the backup; without it every session and code is worthless.',
          )
        : ok('There is no key file yet: Portero makes it at its first start.'),
    ]
  }
  const findings = judgeGiven(file.secrets, 'data_dir/keys/secrets')
  if (!file.isOpenToOthers) return findings
  return [
    ...findings,
    warning('Other users of this machine may read the key file.', 'chmod 600 data_dir/keys/secrets'),
  ]
}

function judgeGiven(secrets: readonly string[], where: string): Finding[] {
  if (secrets.length === 0 || secrets.some(isShort)) {
    return [
      fault(
        `${where} does not hold secrets of at least 32 characters each.`,
        `Restore it from the backup; for a new installation take one from: ${randomly}`,
      ),
    ]
  }
  if (secrets.some(isMonotonous)) {
    return [
      warning(
        `A secret of ${where} is long, but made of few different characters: it can be guessed.`,
        `Put a new one in front of it, from: ${randomly}`,
      ),
    ]
  }
  return [ok(`The secrets of ${where} are there and long enough.`)]
}

function judgeShared({ secret }: Config['tokens']): Finding {
  if (secret === undefined)
    return ok('Tokens are signed with ES256: no secret is shared with an application.')
  if (isMonotonous(secret)) {
    return warning(
      'tokens.secret is made of few different characters: whoever guesses it can sign tokens.',
      `Take another one, here and in the application, from: ${randomly}`,
    )
  }
  return unseen(
    'Whether the application has the same tokens.secret cannot be seen.',
    'It has to stand there as it stands here (OPENWEBUI_JWT_SECRET here). It needs not be the WEBUI_SECRET_KEY of Open WebUI, and better is not.',
  )
}

function isShort(secret: string): boolean {
  return Buffer.byteLength(secret) < 32
}

/** Of 32 random characters of base64 or hex, hardly ever fewer than ten are different. */
function isMonotonous(secret: string): boolean {
  return new Set(secret).size < 10
}
