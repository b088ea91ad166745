import { linkedElsewhereNotice } from '../bot/chat-notices.ts'
import type { ChatStore, IncomingMessage } from '../domain/chat/chat-store.ts'
import type { ConversationEvent } from '../domain/conversation/conversation-event.ts'
import type { TurnOutcome } from '../domain/conversation/turn.ts'
import type { Locale } from '../domain/locale.ts'
import type { Log } from '../domain/log.ts'
import { maskPhone } from '../domain/phones/phone-facts.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { logRecognition } from '../domain/recognition/log-recognition.ts'
import type { RecognitionStore } from '../domain/recognition/recognition-store.ts'

type Needs = {
  readonly chatStore: Pick<ChatStore, 'findOpenChat' | 'say'>
  readonly recognitionStore: Pick<RecognitionStore, 'disown'>
  readonly log: Log
  /** Channels on which a phone can be told something that it did not ask for. */
  readonly channels: readonly string[]
  readonly defaultLocale: Locale
  /** Says to the operator that a list of documents may be being tried. */
  readonly ringAlarm: (who: object) => void
  /** Says to the operator that somebody waits for their word. */
  readonly tellRequest: (who: object) => void
}

/**
 * Does what follows from a message beside its answer: lines for the log and the operator, a word to the other phones of a
 * person, and what "no fui yo" undoes. It never rejects; what fails is logged.
 */
export async function heedEvents(
  needs: Needs,
  { phone, channel }: IncomingMessage,
  { events, level }: TurnOutcome,
): Promise<void> {
  for (const event of events) {
    try {
      await heed(needs, event, { phone, channel }, level)
    } catch (thrown) {
      needs.log.error({ err: thrown, event: event.event }, 'what follows from a message could not be done')
    }
  }
}

async function heed(
  needs: Needs,
  event: ConversationEvent,
  { phone, channel }: Pick<IncomingMessage, 'phone' | 'channel'>,
  level: TurnOutcome['level'],
): Promise<void> {
  const { log } = needs
  // Of somebody who only typed a document the operator knows no more than that.
  const how = { level: level ?? 'none' }
  const who = { channel, ...(phone && { phone: maskPhone(phone) }) }
  switch (event.event) {
    case 'recognition':
      if (phone !== undefined) logRecognition(log, phone, event.result)
      return
    case 'linked':
      return tellOthers(needs, event.personId, event.otherPhones)
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
      return disown(needs, event, phone, who)
    case 'session_disowned':
      log.warn(
        { ...who, person_id: event.personId, ...(!event.isFirst && { again: true }) },
        'somebody says from their phone that a new session is not theirs: it was ended, its browser is unknown again, and strangers get no codes sent to that phone for now',
      )
      return
    case 'forgotten':
    case 'person_changed':
    case 'silenced':
    case 'unsilenced':
      return
  }
}

/** Tells the other phones of a person that a document was typed; whoever cannot be told stands in the log. */
async function tellOthers(
  { chatStore, log, channels, defaultLocale }: Needs,
  personId: string,
  phones: readonly PhoneNumber[],
): Promise<void> {
  for (const phone of phones) {
    const chat = await chatStore.findOpenChat(phone, channels)
    if (chat === undefined) {
      log.warn(
        { phone: maskPhone(phone), person_id: personId },
        'a document was typed elsewhere, and the phone that it was linked to could not be told',
      )
      continue
    }
    const notice = linkedElsewhereNotice(chat.locale ?? defaultLocale, personId)
    await chatStore.say(chat.chatKey, `linked ${personId}`, notice)
  }
}

/** From a phone that is surely theirs it counts at once; between two that only declared it, the operator decides. */
async function disown(
  { recognitionStore, log }: Needs,
  { personId, isAttested }: Extract<ConversationEvent, { event: 'not_me' }>,
  phone: PhoneNumber | undefined,
  who: object,
): Promise<void> {
  const isSure = isAttested && phone !== undefined && personId !== undefined
  const result = isSure ? await recognitionStore.disown(phone, personId) : undefined
  log.warn(
    {
      ...{ ...who, person_id: personId },
      ...(result?.outcome === 'unlinked' && { unlinked: result.phones.map(maskPhone) }),
    },
    result?.outcome === 'unlinked'
      ? 'somebody says that it was not them: phones that only declared to be theirs are unlinked, and none can declare it for a week'
      : 'somebody says that it was not them: see `portero requests list`, look at who is linked to whom, and decide',
  )
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
