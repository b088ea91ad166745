import { type RefusalCode, refusals } from '../src/domain/errors.ts'
import { statusOf } from '../src/http/problem.ts'
import { code, table } from './text.ts'

/** The reference of everything that Portero may refuse. */
export function renderErrors(): string {
  const rows = (Object.keys(refusals) as RefusalCode[])
    .map((refusal) => ({ refusal, status: statusOf(refusal) }))
    .sort((a, b) => a.status - b.status)
    .map(({ refusal, status }) => [
      String(status),
      `<a id="${refusal}"></a>${code(refusal)}`,
      refusals[refusal].message,
    ])
  return `# Errors

Written by \`npm run generate\` from the registry in src/domain/errors.ts.

Whatever Portero refuses, it answers with \`application/problem+json\` (RFC 9457). \`code\` is what programs go by: it never
changes its meaning. \`detail\` is for developers; people read a sentence in their language on the pages. \`reference\` finds
the case in the log. \`retry_after\` tells the seconds to wait, as the header \`Retry-After\` does. \`fields\` names what is wrong
in the input. Anything that is no refusal is a bug of Portero: status 500, \`internal_error\`, and a reference.

\`\`\`json
{
  "type": "urn:portero:refusal:too_many_codes",
  "title": "Too many codes",
  "status": ${statusOf('too_many_codes')},
  "detail": "${refusals.too_many_codes.message}",
  "code": "too_many_codes",
  "reference": "K7Q2M9XR",
  "retry_after": 240
}
\`\`\`

${table(['status', 'code', 'what happened, and what to do'], rows)}
`
}
