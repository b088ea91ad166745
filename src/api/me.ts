import { personOf, personSchema } from './person-schema.ts'
import { route } from './route.ts'
import { requireSession } from './signed-in.ts'

/** Who is signed in. */
export const me = route({
  method: 'GET',
  path: '/_portero/api/me',
  summary: 'Who is signed in',
  output: personSchema,
  refuses: ['not_signed_in', 'invalid_token'],
  isCrossOrigin: true,

  async handle(needs, { request }) {
    return personOf(await requireSession(needs, request), needs.now())
  },
})
