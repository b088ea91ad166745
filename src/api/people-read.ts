import { z } from 'zod'
import { Refusal } from '../domain/errors.ts'
import { keyRefusals, namedPerson, namedPersonSchema, requireBot } from './bot-call.ts'
import { route } from './route.ts'

/** A person by their id. */
export const peopleRead = route({
  method: 'GET',
  path: '/_portero/api/people/:id',
  summary: 'A person by their id',
  description: 'Anybody in the people table who may come in. Needs the scope people:read.',
  params: z.object({ id: z.uuid() }),
  output: namedPersonSchema,
  refuses: [...keyRefusals, 'person_not_found'],
  isCrossOrigin: false,

  async handle(needs, { request }) {
    await requireBot(needs, request, 'people:read')
    const { id } = request.params as { id: string }
    const person = await needs.readPerson(id.toLowerCase())
    if (person === undefined) throw new Refusal('person_not_found')
    return namedPerson(person)
  },
})
