import type { Locale } from '../locale.ts'
import { localeOfPhone } from '../phones/locale-of-phone.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ConversationState } from './turn.ts'

/** Where a chat begins. */
export function newConversation(phone: PhoneNumber | undefined, fallback: Locale): ConversationState {
  return {
    step: 'start',
    withPeopleUntil: undefined,
    locale: localeOfPhone(phone) ?? fallback,
    localeFrom: 'phone',
    nonce: '',
    isSilenced: false,
    lastAt: 0,
    grantedAt: 0,
    isIntroduced: false,
    choices: [],
    notPersonId: undefined,
    visitorId: undefined,
  }
}
