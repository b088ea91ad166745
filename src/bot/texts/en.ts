import type { Texts } from './texts.ts'

/** What the bot says in English. */
export const en: Texts = {
  ask_document: 'Hello! To help you I need your {documents}{digits}.',
  recognised:
    '{hasName, select, yes {Great, {name}!} other {Great!}} Now I know who you are. How can I help you today?',
  welcome_back:
    '{hasName, select, yes {Hello again, {name}!} other {Hello again!}} 👋 How can I help you today?',
  forgotten: 'I have forgotten your information. 🛡️\nNext time I will ask for your {documents} again.',
  forgotten_everybody:
    'I have forgotten everybody on this phone. 🛡️\nNext time I will ask for the {documents} again.',

  ask_other_document: 'All right. To know who you are I need your {documents}{digits}.',
  ask_contact:
    'Hello! I cannot see your number, and I need it to know who you are. Would you share it with me? I will not ask again. If you cannot, write "human".',
  ask_who:
    '{form, select, list {Hello! Who is writing? Answer with the number:\n{list}\n\nIf you are not on the list, write "someone else".} full {Hello! Who is writing? If you are not here, write "someone else".} other {Hello! Who is writing?}}',

  document_unreadable:
    '{reason, select, too_short {Something is missing in that {document}.} too_long {That {document} is longer than it should be.} bad_check_digit {That {document} does not add up: a digit may be wrong.} looks_like_phone {That looks like a phone number.} other {I could not read your {documents} there.}} Please check and write your {document}: {shape}.',
  document_unknown:
    'I found nobody with that {document}. Please check it and send it again. If it still does not work, write "human" and a person will help you.',
  too_many_documents:
    'Several documents have been tried from this phone today, so I pause here to keep people safe. You can go on tomorrow, or write "human" and a person will help you.',
  too_many_people:
    'This phone already belongs to several people and I cannot add another. If one of them no longer uses it, they can write "forget". Or write "human" and a person will help you.',
  blocked:
    'I cannot help you here for now. {hasContact, select, yes {You can ask at {contact}.} other {{brand} can tell you what to do next.}}',

  code_asked:
    'If that document is registered, the phone on record gets a code of 6 digits. Write it here. If it was the wrong document, send me the right one.',
  code_wrong:
    'That is not the code, or it has expired. Check it and try again, or send your {documents} again.',
  approval_asked:
    'Thank you. I passed your request to {brand}: if that document is registered, they have to confirm you before we go on. There is nothing else to do.',
  proof_asked:
    'If that document is registered with another phone, write to me from that one. If you no longer have it, write "human" and a person will help you.',
  step_up_code:
    'To sign you in I have to be sure that it is you. A 6-digit code goes to the other phone on record. Type it here.',
  step_up_approval:
    'To sign you in I have to be sure that it is you. I have asked {brand} to confirm it, and will tell you here.',
  step_up_nobody:
    'To sign you in I have to be sure that it is you, and just now I have no other phone of yours to ask. Write "human" and somebody of {brand} will help you.',
  raised:
    'Done{hasName, select, yes {, {name}} other {}}: now I know that it is you. To sign in, write "sign in" again.',
  still_waiting:
    'Your request is still with {brand}. If it was the wrong document, send me the right one; if it is urgent, write "human".',

  not_text: 'I can only read written messages for now. Could you tell me in words?',
  not_text_unknown: 'I can only read written messages for now. To help you I need your {documents}{digits}.',
  no_agent:
    '{hasName, select, yes {{name}, I know who you are,} other {I know who you are,}} but there is nobody here to answer you yet. Write "human" and I will tell a person of {brand}.',
  agent_unsure:
    'Before I can answer that{hasName, select, yes {, {name},} other {}} I have to be sure that it is you. Write "sign in" and I will tell you how to go on, or "human" for a person.',
  help: 'You can write to me at any time:\n• "human": a person of {brand} takes over\n• "someone else": if somebody else writes from this phone\n• "sign in": I send you a link to sign in on the web\n• "it wasn\'t me": if I told you of something that you did not do\n• "forget": I forget who you are on this phone\n• "forget everybody": I forget everybody on this phone\n• "delete my data": I ask {brand} to erase your data\n• "STOP": I send no more notices\n• "español" or "português": I change the language',
  handed_over:
    'Done{hasName, select, yes {, {name}} other {}}: I told {brand}, and a person will write to you here. Until then I stay silent ({hours, plural, one {for # hour at most} other {for # hours at most}}).',
  sign_in:
    '{hasUrl, select, yes {To sign in on the web, open {url} and enter your number: you get a code.} other {I cannot open the web for you from here yet. If you need to sign in, write "human".}}',
  sign_in_link:
    '{hasName, select, yes {{name}, this} other {This}} link signs you in on the web:\n{secret}\n\nIt works once, for 10 minutes. Do not pass it on: whoever opens it gets in as you.',
  sign_in_code:
    "Your code to sign in: {secret}\n\nIt is for {device}, from {address}. Type it on that page, the one that showed you the message.\n\n⚠️ If it was not you, or if somebody asked you to send that message, don't give this code to anybody.",
  sign_in_ask_contact:
    'To sign you in I need your number, and it does not reach me. Will you share it with me? Then send the message with the code again.',
  sign_in_over:
    'That message to sign in is no longer good: it lasts 5 minutes and works once. Go back to the page and ask for another.',
  sign_in_other_phone:
    'On the page you typed another number. Send the message from that phone, or go back to the page and type this one.',
  sign_in_not_admitted:
    'This number is not registered, so it cannot be used to sign in. {hasContact, select, yes {You can ask at {contact}.} other {Ask {brand} to add it.}}',
  sign_in_too_many_codes:
    'There are several unused codes for this number already. Use one of them, or wait a few minutes and send the message again.',
  sign_in_country_not_allowed:
    'For now nobody can sign in with numbers of that country. {hasContact, select, yes {You can ask at {contact}.} other {{brand} can tell you what to do.}}',
  not_me:
    'Thank you for telling me. I passed it on to {brand}, and they will look into it. If you get a code, do not give it to anybody.',
  session_disowned:
    'Done: I have ended that session and no longer know its browser. {hours, plural, =0 {} one {For # hour, if somebody whom I do not know asks for a code to this phone, I do not send it. } other {For # hours, if somebody whom I do not know asks for a code to this phone, I do not send it. }}I have told {brand}. Do not pass codes on to anybody.',
  document_disowned:
    'Done: {count, plural, =0 {no other phone is known as you by your document} other {I have removed whoever claimed to be you}}. For a week nobody can do that with your document. {hasButton, select, yes {I also told you of a new session: if that is not yours either, press the button and I end it. } other {}}I have told {brand}. If you get a code, do not give it to anybody.',
  silenced:
    'Done, I send no more notices. If you write to me, I still answer. To get them again, write "START".',
  unsilenced: 'Done, I send you notices again. To end them, write "STOP".',
  erasure_requested:
    'I passed your request to erase your data to {brand}; a person will answer you. If you also want me to forget this phone now, write "forget".',
  language_chosen: 'Done, let us go on in English.',

  button_someone_else: 'Someone else',
  button_i_am: '{hasName, select, yes {I am {name}} other {I am the same person}}',
  person_without_name: 'Person {number}',
  only_digits: '(digits only)',
  shape_dni: 'it has 7 or 8 digits, no dots',
  shape_cpf: 'it has 11 digits, no dots',
  shape_other: 'for example {example}',
  device_on: '{browser} on {system}',
  device_unknown: 'an unknown device',
  privacy: 'How we look after your data: {url}',
}
