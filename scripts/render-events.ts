import { type EventType, eventTypes } from '../src/domain/events/event-types.ts'
import { code, table } from './text.ts'

const personId = '7b0e6f6e-6f8a-4d83-9a57-1d1a4a2b7f10'
const phone = '+5491123456789'

const examples: Readonly<Record<EventType, object>> = {
  'link.created': { person_id: personId, phone, belongs: 'declared', level: 'declared', door: 'bot' },
  'link.forgotten': { person_id: personId, phone, reason: 'forgotten', door: 'bot' },
  'person.blocked': { person_id: personId, phones: [phone], state: 'blocked' },
  'session.started': {
    ...{ person_id: personId, phone, session_id: '2f6d3f4c-0c1e-4b1a-9d6c-5a5b1c0e1100' },
    ...{ belongs: 'attested', level: 'verified', is_new_device: true, is_switched: false, door: 'pages' },
  },
  'request.opened': {
    ...{ request_id: '17', kind: 'people', phone, person_id: personId, level: 'verified' },
    until: '2026-11-29T19:01:00.000Z',
  },
}

/** The reference of everything that a program of the organisation may be told. */
export function renderEvents(): string {
  return `# Events

Written by \`npm run generate\` from src/domain/events/event-types.ts. How they come, and how to check them, is in
[Events for a program of your own](../guide/events.md).

Every event is JSON with \`type\`, \`timestamp\` (when it happened, in UTC) and \`data\`. Types are named for what they are about and what
happened to it, and never change their meaning; new ones may come, and new fields: pass over what you do not know.

${(Object.keys(eventTypes) as EventType[]).map(sectionOf).join('\n\n')}
`
}

function sectionOf(type: EventType): string {
  const { means, data } = eventTypes[type]
  const rows = Object.entries(data.shape).map(([field, schema]) => [
    code(field),
    schema.meta()?.description ?? '',
  ])
  const example = { type, timestamp: '2026-11-29T07:01:00.000Z', data: examples[type] }
  return `## ${type}

${means}

${table(['field of `data`', 'what it says'], rows)}

\`\`\`json
${JSON.stringify(example, null, 2)}
\`\`\``
}
