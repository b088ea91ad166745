import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import { foldWords } from './fold-words.ts'
import type { ButtonLabel, Message } from './message.ts'
import type { Situation } from './situation.ts'

type Needs = Pick<ConversationNeeds, 'recognition' | 'newNonce'>

/** WhatsApp shows three buttons at most. */
const buttonsMax = 3

/** More people than this are not read out; the rest say `soy otra persona` and write their document. */
const peopleMax = 10

/** Asks which of the people of this phone is writing. */
export function askWho(needs: Needs, of: Situation): Decision {
  const people = of.known.slice(0, peopleMax)
  const names = distinctNames(people)
  const nonce = needs.newNonce()
  const choices = people.map(({ id }) => id)
  const change = { step: 'asked_who', nonce, choices, visitorId: undefined } as const
  if (people.length > buttonsMax)
    return answer({ key: 'ask_who', people: names }, change, { speaker: undefined })
  const labels: ButtonLabel[] = names.map((person, at) => ({ person, number: at + 1 }))
  const buttons = labels.map((label, at) => ({ id: `${nonce}.who.${at + 1}`, label }))
  if (buttons.length < buttonsMax)
    buttons.push({ id: `${nonce}.do.someone_else`, label: { is: 'someone_else' } })
  return answer({ key: 'ask_who', buttons }, change, { speaker: undefined })
}

/** Somebody else than the person remembered is writing: asks who of the others, or for their document. */
export function changePerson(needs: Needs, of: Situation): Decision {
  const { known, state, recognition } = of
  if (known.length > 1 && state.step !== 'asked_who') {
    const asked = askWho(needs, of)
    return { ...asked, events: [{ event: 'person_changed' }] }
  }
  const nonce = needs.newNonce()
  const { person } = recognition
  const change = {
    step: 'asked_document',
    ...{ nonce, visitorId: undefined },
    ...{ choices: person ? [person.id] : [], notPersonId: person?.id },
  } as const
  return answer(
    person && !recognition.isShared ? otherDocument(nonce, person.firstName) : { key: 'ask_document' },
    change,
    {
      speaker: undefined,
      events: [{ event: 'person_changed' }],
    },
  )
}

/** Who is meant by what somebody answered to `askWho`: a number of the list, or a name in it that is only one person's. */
export function chosenByWords(of: Situation): string | undefined {
  const said = bareName(of.turn.text)
  if (/^\d{1,2}$/.test(said)) return of.state.choices[Number(said) - 1]
  const people = of.known.filter(({ id }) => of.state.choices.includes(id))
  const shown = distinctNames(people)
  const meant = people.filter(({ name, firstName }, at) =>
    [name, firstName, shown[at]].some((one) => one !== undefined && said !== '' && bareName(one) === said),
  )
  return meant.length === 1 ? meant[0]!.id : undefined
}

/** Takes the choice. Somebody whose link went away meanwhile is asked for their document. */
export async function choose(
  { recognition }: Needs,
  of: Situation,
  phone: PhoneNumber,
  personId: string,
): Promise<Decision> {
  const { person } = of.recognition
  const { isProof } = of.turn
  const isMoved = person?.id !== personId && (await recognition.chooseOther(phone, personId, isProof))
  const isVisiting = !isProof && !isMoved && of.known.some(({ id }) => id === personId)
  if (person?.id !== personId && !isMoved && !isVisiting)
    return answer({ key: 'ask_document' }, { step: 'asked_document', choices: [] }, { speaker: undefined })
  const chosen = of.known.find(({ id }) => id === personId) ?? (await recognition.readPerson(personId))
  const isOther = person?.id !== personId || of.state.notPersonId !== undefined
  return answer(
    { key: 'welcome_back', name: chosen?.firstName },
    {
      ...{ step: 'talking', notPersonId: undefined, grantedAt: of.at },
      visitorId: isVisiting && person?.id !== personId ? personId : undefined,
    },
    { speaker: chosen, events: isOther ? [{ event: 'person_changed' }] : [] },
  )
}

function otherDocument(nonce: string, person: string | undefined): Message {
  const label: ButtonLabel = { is: 'i_am', person }
  return { key: 'ask_other_document', buttons: [{ id: `${nonce}.who.1`, label }] }
}

/** First names; where two are the same, with the letter that the rest begins with: what tells them apart and no more. */
function distinctNames(
  people: readonly { readonly name: string | undefined; readonly firstName: string | undefined }[],
): (string | undefined)[] {
  return people.map(({ name, firstName }) => {
    const isShared = people.filter((other) => other.firstName === firstName).length > 1
    if (firstName === undefined || !isShared) return firstName
    const initial = [...(name ?? '').slice(firstName.length).trim()][0]
    return initial === undefined ? firstName : `${firstName} ${initial}.`
  })
}

/** A name without what people say around it: `Soy Ana` is `ana`. */
function bareName(text: string): string {
  return foldWords(text)
    .filter((word) => !introductions.has(word))
    .join(' ')
}

const introductions: ReadonlySet<string> = new Set(
  'soy sou im i am yo eu me llamo chamo a o el la es e'.split(' '),
)
