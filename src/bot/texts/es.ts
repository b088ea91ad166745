import type { Texts } from './texts.ts'

/** What the bot says in Spanish as spoken in Argentina (vos). */
export const es: Texts = {
  ask_document: '¡Hola! Para ayudarte necesito que me pases tu {documents}{digits}.',
  recognised:
    '{hasName, select, yes {¡Perfecto, {name}!} other {¡Perfecto!}} Ya te reconocí. ¿En qué te puedo ayudar hoy?',
  welcome_back:
    '{hasName, select, yes {¡Hola de nuevo, {name}!} other {¡Hola de nuevo!}} 👋 ¿En qué te puedo ayudar hoy?',
  forgotten: 'He olvidado tu información. 🛡️\nLa próxima vez te pediré tu {documents} nuevamente.',
  forgotten_everybody:
    'He olvidado a todas las personas de este teléfono. 🛡️\nLa próxima vez pediré el {documents} nuevamente.',

  ask_other_document: 'Dale. Para saber quién sos necesito que me pases tu {documents}{digits}.',
  ask_contact:
    '¡Hola! Tu número no me llega, y lo necesito para saber quién sos. ¿Lo compartís conmigo? Después no te lo pido más. Si no podés, escribí "asesor".',
  ask_who:
    '{form, select, list {¡Hola! ¿Quién escribe? Respondé con el número:\n{list}\n\nSi no estás en la lista, escribí "soy otra persona".} full {¡Hola! ¿Quién escribe? Si no estás acá, escribí "soy otra persona".} other {¡Hola! ¿Quién escribe?}}',

  document_unreadable:
    '{reason, select, too_short {A ese {document} le falta algo.} too_long {Ese {document} es más largo de lo que tiene que ser.} bad_check_digit {Ese {document} no cierra: puede haber un número cambiado.} looks_like_phone {Eso parece un número de teléfono.} other {Ahí no llegué a leer tu {documents}.}} Fijate y escribime tu {document}: {shape}.',
  document_unknown:
    'No encontré a nadie con ese {document}. Fijate si está bien escrito y mandámelo de nuevo. Si sigue sin aparecer, escribí "asesor" y te ayuda una persona.',
  too_many_documents:
    'Hoy ya se probaron varios documentos desde este teléfono, y por seguridad hago una pausa. Podés seguir mañana, o escribir "asesor" para que te ayude una persona.',
  too_many_people:
    'Este teléfono ya es de varias personas y no puedo sumar otra. Si alguna ya no lo usa, que escriba "olvidar". O escribí "asesor" y te ayuda una persona.',
  blocked:
    'Por ahora no te puedo ayudar por acá. {hasContact, select, yes {Podés preguntar en {contact}.} other {{brand} te puede decir cómo seguir.}}',

  code_asked:
    'Si ese documento está registrado, al teléfono que figura ahí le llega un código de 6 números. Escribilo acá. Si te equivocaste de documento, mandámelo de nuevo.',
  code_wrong: 'Ese código no es, o ya venció. Fijate y probá de nuevo, o mandame tu {documents} otra vez.',
  approval_asked:
    'Gracias. Le pasé tu pedido a {brand}: si ese documento está registrado, te tienen que confirmar antes de seguir. No hace falta que hagas nada más.',
  proof_asked:
    'Si ese documento está registrado con otro teléfono, escribime desde ese. Si ya no lo tenés, escribí "asesor" y te ayuda una persona.',
  step_up_code:
    'Para entrar en la web tengo que estar seguro de que sos vos. Al otro teléfono que figura registrado le llega un código de 6 números. Escribilo acá.',
  step_up_approval:
    'Para entrar en la web tengo que estar seguro de que sos vos. Le pedí a {brand} que lo confirme; te aviso por acá.',
  step_up_nobody:
    'Para entrar en la web tengo que estar seguro de que sos vos, y ahora no tengo otro teléfono tuyo donde preguntar. Escribí "asesor" y te ayuda una persona de {brand}.',
  raised:
    'Listo{hasName, select, yes {, {name}} other {}}, ahora sé que sos vos. Para entrar en la web escribí "entrar" de nuevo.',
  still_waiting:
    'Tu pedido todavía está en manos de {brand}. Si te equivocaste de documento, mandámelo de nuevo; si es urgente, escribí "asesor".',

  not_text: 'Por ahora solo puedo leer mensajes escritos. ¿Me lo contás con palabras?',
  not_text_unknown:
    'Por ahora solo puedo leer mensajes escritos. Para ayudarte necesito que me pases tu {documents}{digits}.',
  no_agent:
    '{hasName, select, yes {{name}, te reconozco,} other {Te reconozco,}} pero por acá todavía no hay quién te responda. Escribí "asesor" y le aviso a una persona de {brand}.',
  agent_unsure:
    'Para responderte eso{hasName, select, yes {, {name},} other {}} antes tengo que estar seguro de que sos vos. Escribí "entrar" y te digo cómo seguir, o "asesor" y te atiende una persona.',
  help: 'Esto me podés escribir cuando quieras:\n• "asesor": te atiende una persona de {brand}\n• "soy otra persona": si escribe alguien más desde este teléfono\n• "entrar": te mando un enlace para entrar en la web\n• "no fui yo": si te avisé de algo que no hiciste\n• "olvidar": olvido quién sos en este teléfono\n• "olvidar a todos": olvido a todas las personas de este teléfono\n• "borrar mis datos": le pido a {brand} que borre tus datos\n• "BAJA": no te mando más avisos\n• "português" o "English": cambio de idioma',
  handed_over:
    'Listo{hasName, select, yes {, {name}} other {}}: le avisé a {brand} y una persona te va a escribir por acá. Hasta entonces me quedo en silencio ({hours, plural, one {como mucho # hora} other {como mucho # horas}}).',
  sign_in:
    '{hasUrl, select, yes {Para entrar en la web, abrí {url} y poné tu número: te llega un código.} other {Por acá todavía no puedo abrirte la web. Si necesitás entrar, escribí "asesor".}}',
  sign_in_link:
    '{hasName, select, yes {{name}, con} other {Con}} este enlace entrás en la web:\n{secret}\n\nSirve una sola vez, por 10 minutos. No se lo pases a nadie: quien lo abre entra como vos.',
  sign_in_code:
    'Tu código para entrar: {secret}\n\nEs para {device}, desde {address}. Escribilo en esa página, la que te mostró el mensaje.\n\n⚠️ Si no fuiste vos, o si alguien te pidió que mandes ese mensaje, no le pases este código a nadie.',
  sign_in_ask_contact:
    'Para entrar necesito tu número, y no me llega. ¿Lo compartís conmigo? Después mandame otra vez el mensaje con el código.',
  sign_in_over:
    'Ese mensaje para entrar ya no sirve: dura 5 minutos y se usa una sola vez. Volvé a la página y pedí otro.',
  sign_in_other_phone:
    'En la página pusiste otro número. Mandame el mensaje desde ese teléfono, o volvé a la página y poné este.',
  sign_in_not_admitted:
    'Este número no está registrado, así que con él no se puede entrar. {hasContact, select, yes {Podés preguntar en {contact}.} other {Pedile a {brand} que lo agregue.}}',
  sign_in_too_many_codes:
    'Ya tenés varios códigos sin usar para este número. Usá uno de esos, o esperá unos minutos y mandame el mensaje otra vez.',
  sign_in_country_not_allowed:
    'Por ahora no se puede entrar con números de ese país. {hasContact, select, yes {Podés preguntar en {contact}.} other {{brand} te puede decir cómo seguir.}}',
  not_me:
    'Gracias por avisar. Ya se lo conté a {brand} para que lo revise. Si te llega un código, no se lo pases a nadie.',
  session_disowned:
    'Listo: cerré esa sesión y ya no reconozco ese navegador. {hours, plural, =0 {} one {Durante # hora, si alguien que no conozco pide un código para este teléfono, no lo mando. } other {Durante # horas, si alguien que no conozco pide un código para este teléfono, no lo mando. }}Ya le avisé a {brand}. No le pases códigos a nadie.',
  document_disowned:
    'Listo: {count, plural, =0 {en otros teléfonos no quedó nadie anotado con tu documento} other {saqué a quien se hizo pasar por vos}}. Durante una semana nadie puede hacerlo con tu documento. {hasButton, select, yes {También te conté de una sesión nueva: si esa tampoco es tuya, tocá el botón y la cierro. } other {}}Ya le avisé a {brand}. Si te llega un código, no se lo pases a nadie.',
  silenced:
    'Listo, no te mando más avisos. Si me escribís, te respondo igual. Para volver a recibirlos, escribí "ALTA".',
  unsilenced: 'Listo, te vuelvo a mandar avisos. Para que pare, escribí "BAJA".',
  erasure_requested:
    'Le pasé a {brand} tu pedido de borrar tus datos; te va a responder una persona. Si además querés que olvide este teléfono ahora, escribí "olvidar".',
  language_chosen: 'Listo, seguimos en español.',

  button_someone_else: 'Otra persona',
  button_i_am: '{hasName, select, yes {Soy {name}} other {Soy la misma persona}}',
  person_without_name: 'Persona {number}',
  only_digits: '(solo números)',
  shape_dni: 'son 7 u 8 números, sin puntos',
  shape_cpf: 'son 11 números, sin puntos',
  shape_other: 'por ejemplo {example}',
  device_on: '{browser} en {system}',
  device_unknown: 'un dispositivo desconocido',
  privacy: 'Cómo cuidamos tus datos: {url}',
}
