import type { AnswerInPlace } from './answer-in-place.ts'
import type { AppAnswer, AppCall } from './call.ts'

/** A script that every page of Open WebUI loads at its start; it ships empty, for those who run it to fill. */
export const loaderPath = '/static/loader.js'

/** The page waits for its scripts, so Open WebUI's own is not waited for long. */
const timeoutMs = 3_000

/** Portero's script followed by the one that stands there, or alone when Open WebUI has none or does not answer. Never rejects. */
export async function loaderAnswer(call: AppCall, script: string): Promise<AnswerInPlace> {
  const answer = await call({ path: loaderPath, headers: { accept: '*/*' }, timeoutMs }).catch(
    () => undefined,
  )
  return {
    status: 200,
    headers: [
      ['Content-Type', 'text/javascript; charset=utf-8'],
      ['Cache-Control', 'no-cache'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: answer !== undefined && isScript(answer) ? `${script};\n${answer.body}` : `${script};\n`,
  }
}

/** At an unknown path stands the page itself. */
function isScript(answer: AppAnswer): boolean {
  return answer.status === 200 && /\bjavascript\b/.test(answer.headers.get('content-type') ?? '')
}
