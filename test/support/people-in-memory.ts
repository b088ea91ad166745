import type { ConversationNeeds } from '../../src/domain/conversation/conversation-needs.ts'
import type { Belongs } from '../../src/domain/people/person.ts'
import type { RememberedPerson } from '../../src/domain/recognition/recognition-store.ts'

/** Somebody of the people table, as a story tells of them. */
export type StoryPerson = {
  readonly id: string
  readonly name?: string
  readonly document: string
  readonly isBlocked?: boolean
}

type Pair = { belongs: Belongs; usedAt: number }

const dayMs = 24 * 60 * 60 * 1000

/**
 * What conversations need of `RecognitionStore`, without a database: one memory for each phone with 30 sliding days, pairs that
 * are declared unless the story says otherwise, and documents counted by the day. For stories about the conversation alone; what
 * the real store promises is tested on PostgreSQL.
 */
export function peopleInMemory(of: {
  readonly people: readonly StoryPerson[]
  readonly now: () => number
  readonly sharedPhones?: readonly string[]
  /** `phone person-id`: pairs that are attested as soon as they exist. */
  readonly attested?: readonly string[]
}) {
  const remembered = new Map<string, { personId: string; usedAt: number }>()
  const pairs = new Map<string, Map<string, Pair>>()
  const tried = new Map<string, Map<string, number>>()
  const people = new Map(of.people.map((person) => [person.id, person]))
  const calls: string[] = []

  const isShared = (phone: string) => of.sharedPhones?.includes(phone) ?? false
  const isFresh = (usedAt: number) => of.now() - usedAt < 30 * dayMs
  const pairsOf = (phone: string) => pairs.get(phone) ?? new Map<string, Pair>()

  function remember(phone: string, personId: string): void {
    const belongs = of.attested?.includes(`${phone} ${personId}`) ? 'attested' : 'declared'
    pairs.set(phone, new Map(pairsOf(phone)).set(personId, { belongs, usedAt: of.now() }))
    if (!isShared(phone)) remembered.set(phone, { personId, usedAt: of.now() })
  }

  function read(phone: string, id: string): RememberedPerson {
    const { name } = people.get(id)!
    const belongs = pairsOf(phone).get(id)?.belongs ?? 'declared'
    return { id, name, firstName: name?.split(' ')[0], belongs, provedAt: undefined }
  }

  const store: ConversationNeeds['recognition'] = {
    async recognise(phone) {
      calls.push('recognise')
      const memory = remembered.get(phone)
      const isGone = memory !== undefined && !people.has(memory.personId)
      const isLive = memory !== undefined && isFresh(memory.usedAt) && !isGone
      if (isLive) remembered.set(phone, { ...memory, usedAt: of.now() })
      const isBlocked = isLive && people.get(memory.personId)!.isBlocked === true
      const others = [...pairsOf(phone)]
        .filter(([id, { usedAt }]) => id !== memory?.personId && people.has(id) && isFresh(usedAt))
        .map(([id]) => read(phone, id))
      return {
        person: isLive ? read(phone, memory.personId) : undefined,
        lost: memory === undefined || isLive ? undefined : isGone ? 'gone' : 'expired',
        isBlocked,
        others,
        isShared: isShared(phone),
      }
    },
    async declare(phone, document, { documentsADay, peopleMax }) {
      calls.push(`declare ${document}`)
      const today = [...(tried.get(phone) ?? [])].filter(([, at]) => of.now() - at < dayMs)
      const documents = new Map(today)
      if (!documents.has(document) && documents.size >= documentsADay)
        return { outcome: 'too_many_documents', isAlarming: false }
      tried.set(phone, documents.set(document, of.now()))
      const person = of.people.find((one) => one.document === document)
      if (person === undefined || !people.has(person.id)) return { outcome: 'unknown', isAlarming: false }
      if (person.isBlocked) return { outcome: 'blocked', isAlarming: false }
      const linked = pairsOf(phone)
      if (!linked.has(person.id) && linked.size >= peopleMax)
        return { outcome: 'too_many_people', isAlarming: false }
      remember(phone, person.id)
      const otherPhones = [...remembered].filter(
        ([other, { personId }]) => other !== phone && personId === person.id,
      )
      return {
        outcome: 'linked',
        person: read(phone, person.id),
        otherPhones: otherPhones.map(([other]) => other as typeof phone),
        isRemembered: !isShared(phone),
      }
    },
    async chooseOther(phone, personId) {
      calls.push(`chooseOther ${personId}`)
      if (!pairsOf(phone).has(personId) || !people.has(personId)) return false
      remember(phone, personId)
      return true
    },
    async forget(phone, who) {
      if (who === 'unproved') return 0
      const linked = pairsOf(phone)
      const gone = who === 'everybody' ? [...linked.keys()] : linked.has(who.personId) ? [who.personId] : []
      calls.push(`forget ${who === 'everybody' ? who : who.personId}`)
      for (const id of gone) linked.delete(id)
      if (gone.includes(remembered.get(phone)?.personId ?? '')) remembered.delete(phone)
      return gone.length
    },
    async disown(phone, personId) {
      calls.push(`disown ${personId}`)
      if (pairsOf(phone).get(personId)?.belongs !== 'attested') return { outcome: 'not_attested' }
      const gone = [...pairs].filter(([, of]) => of.get(personId)?.belongs === 'declared')
      for (const [other, of] of gone) {
        of.delete(personId)
        if (remembered.get(other)?.personId === personId) remembered.delete(other)
      }
      return { outcome: 'unlinked', phones: gone.map(([other]) => other as typeof phone) }
    },
    async readPerson(personId) {
      const person = people.get(personId)
      if (person === undefined || person.isBlocked) return undefined
      return { id: personId, name: person.name, firstName: person.name?.split(' ')[0] }
    },
  }

  return {
    store,
    /** What was asked of it, in order. */
    calls,
    /** As if a web sign-in, or an operator, had linked them. */
    remember,
    /** Removes somebody from the people table. */
    remove: (personId: string) => people.delete(personId),
    block: (personId: string) => people.set(personId, { ...people.get(personId)!, isBlocked: true }),
  }
}
