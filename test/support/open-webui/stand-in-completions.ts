import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type StandInNeeds, standInGates } from './stand-in-gates.ts'
import { jsonOf, Refused } from './stand-in-request.ts'

/** Addresses of models, as they are given to Open WebUI: with the path `/v1`. */
export type StandInModels = Map<string, string>

export const completionsPath = '/api/chat/completions'

/**
 * Chat completions for programs, which send no `session_id`: the model's own answer goes through as it comes, whatever it is. Where
 * the real program would make another answer of a model's redirect or of its nonsense, this one hides nothing either.
 */
export function standInCompletions(needs: StandInNeeds & { models: StandInModels }) {
  const { verified } = standInGates(needs)
  return (req: IncomingMessage, res: ServerResponse, body: string): void => {
    verified(req)
    const { model } = jsonOf(body)
    const url = typeof model === 'string' ? needs.models.get(model) : undefined
    if (url === undefined) throw new Refused(400, 'Model not found')
    const headers = { 'content-type': 'application/json' }
    const asked = request(`${url}/chat/completions`, { method: 'POST', headers }, (answer) => {
      const { 'content-type': type, location } = answer.headers
      res.writeHead(answer.statusCode!, {
        ...(type && { 'content-type': type }),
        ...(location && { location }),
      })
      answer.on('error', () => res.destroy())
      answer.on('aborted', () => res.destroy())
      answer.pipe(res)
    })
    asked.on('error', () => res.destroy())
    res.on('close', () => asked.destroy())
    asked.end(body)
  }
}
