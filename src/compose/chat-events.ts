import type { ReceivedMessage } from '../domain/chat/chat-store.ts'
import type { ConversationEvent } from '../domain/conversation/conversation-event.ts'
import type { TurnOutcome } from '../domain/conversation/turn.ts'
import type { Log } from '../domain/log.ts'
import { maskPhone } from '../domain/phones/phone-facts.ts'
import { logRecognition } from '../domain/recognition/log-recognition.ts'

type Needs = {
  readonly log: Log
  /** Says to the operator that a list of documents may be being tried. */
  readonly ringAlarm: (who: object) => void
  /** Says to the operator that somebody waits for their word. */
  readonly tellRequest: (who: object) => void
}

/** Says what a message came to in the log, and to the operator. What others depend on was written with the decision. */
export function heedEvents(
  needs: Needs,
  { phone, channel }: ReceivedMessage,
  { events, level }: TurnOutcome,
): void {
  for (const event of events) heed(needs, event, { phone, channel }, level)
}

function heed(
  needs: Needs,
  event: ConversationEvent,
  { phone, channel }: Pick<ReceivedMessage, 'phone' | 'channel'>,
  level: TurnOutcome['level'],
): void {
  const { log } = needs
  // Of somebody who only typed a document the operator knows no more than that.
  const how = { level: level ?? 'none' }
  const who = { channel, ...(phone && { phone: maskPhone(phone) }) }
  switch (event.event) {
    case 'recognition':
      if (phone !== undefined) logRecognition(log, phone, event.result)
      return
    case 'refused':
      if (event.isAlarming) needs.ringAlarm(who)
      return
    case 'asked_more':
      if (event.isAlarming) needs.ringAlarm(who)
      if (event.mode === 'approval') needs.tellRequest({ ...who, ...how })
      return
    case 'handed_over':
      log.warn(
        { ...who, ...how, person_id: event.personId, until: new Date(event.until).toISOString() },
        'somebody wants to speak with people: the bot keeps silent in this chat until then, or until `portero requests settle`',
      )
      return
    case 'erasure_requested':
      log.warn(
        { ...who, ...how, person_id: event.personId },
        'somebody wants their data erased: see `portero requests list`, and make sure who it is, a document alone proves nothing',
      )
      return
    case 'not_me':
      log.warn(
        { ...who, person_id: event.personId },
        'somebody says that it was not them: see `portero requests list`, look at who is linked to whom, and decide',
      )
      return
    case 'document_disowned':
      log.warn(
        { ...who, person_id: event.personId, unlinked: event.phones.map(maskPhone) },
        'somebody says that it was not them: phones that only declared to be theirs are unlinked, and none can declare it for a week',
      )
      return
    case 'session_disowned':
      log.warn(
        { ...who, person_id: event.personId, ...(!event.isFirst && { again: true }) },
        'somebody says from their phone that a new session is not theirs: it was ended, its browser is unknown again, and strangers get no codes sent to that phone for now',
      )
      return
    case 'linked':
    case 'forgotten':
    case 'person_changed':
    case 'silenced':
    case 'unsilenced':
      return
  }
}

const alarmEveryMs = 3_600_000

/** Rings once an hour at most, however long somebody goes on: the log is not theirs to fill. */
export function openDocumentAlarm({ log, now }: NoticeNeeds): Needs['ringAlarm'] {
  return hourly(now, (who) =>
    log.error(
      who,
      'ALARM: twenty wrong documents came in an hour, from all phones together: somebody may be walking through a list',
    ),
  )
}

/** Tells of the first request in an hour; the list has all of them. */
export function openRequestNotice({ log, now }: NoticeNeeds): Needs['tellRequest'] {
  return hourly(now, (who) =>
    log.warn(who, 'somebody asks to be recognised and waits for your word: see `portero links list`'),
  )
}

type NoticeNeeds = Pick<Needs, 'log'> & { now: () => number }

function hourly(now: () => number, say: (who: object) => void): (who: object) => void {
  let quietUntil = Number.NEGATIVE_INFINITY
  return (who) => {
    if (now() < quietUntil) return
    quietUntil = now() + alarmEveryMs
    say(who)
  }
}
