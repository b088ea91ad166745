import type { Locale } from '../locale.ts'

/** What a person can tell the bot to do. */
export const commands = [
  ...(['forget', 'forget_everybody', 'erase', 'help', 'people', 'silence', 'unsilence'] as const),
  ...(['someone_else', 'sign_in', 'not_me', 'language', 'greeting'] as const),
] as const

export type Command = (typeof commands)[number]

type Words = Readonly<Record<Locale | 'any', string>>

/**
 * How each is said, in bare words (see `foldWords`), separated by `|`: whole messages, not parts of one. Under `any` stands
 * what tells nothing about the language. Left out on purpose: `olvide`, which is "I forgot" once its accent is lost.
 */
export const commandWords: Readonly<Record<Exclude<Command, 'greeting' | 'language'>, Words>> = {
  forget: {
    any: '',
    es: 'olvidar|olvida|olvidame|olvideme|olvidate de mi|olvidarme|olvidar mi numero|olvida mi numero|olvidar este numero|olvidar numero|olvidar mi telefono|olvidar telefono|borrar mi numero|borra mi numero|borrar numero|borrar mi telefono|borrame|borrarme|eliminar mi numero|elimina mi numero|desvincular|desvincular mi numero|desvinculame|cerrar sesion|cerrar mi sesion',
    'pt-BR':
      'esquecer|esquece|esqueca|esqueca me|me esqueca|me esquece|esquecer de mim|esqueca de mim|esquecer meu numero|esqueca meu numero|esquecer o meu numero|apagar meu numero|apaga meu numero|apague meu numero|apagar o meu numero|excluir meu numero|desvincular meu numero|encerrar sessao|encerrar a sessao',
    en: 'forget|forget me|forget my number|forget this number|forget my phone|forget about me|delete my number|remove my number|log out|logout|sign out|signout',
  },
  forget_everybody: {
    any: '',
    es: 'olvidar a todos|olvidar todos|olvida a todos|olvida todos|olvidanos|olvidar a todas|olvidar a todo el mundo|borrar a todos',
    'pt-BR':
      'esquecer todos|esqueca todos|esquece todos|esquecer a todos|esquecer todas|esquecer todo mundo|esqueca todo mundo|apagar todos',
    en: 'forget everyone|forget everybody|forget all|forget us|forget all of us',
  },
  erase: {
    any: '',
    es: 'borrar mis datos|borra mis datos|borren mis datos|borrar todos mis datos|borra todos mis datos|eliminar mis datos|elimina mis datos|eliminen mis datos|eliminar todos mis datos|suprimir mis datos|borrar mi informacion|eliminar mi informacion|borrar mis datos personales|eliminar mis datos personales',
    'pt-BR':
      'apagar meus dados|apaga meus dados|apague meus dados|apaguem meus dados|apagar os meus dados|apagar todos os meus dados|excluir meus dados|exclua meus dados|excluir os meus dados|deletar meus dados|delete meus dados|eliminar meus dados|apagar meus dados pessoais|excluir meus dados pessoais',
    en: 'delete my data|erase my data|remove my data|delete all my data|erase all my data|delete my personal data|erase my personal data|delete my information|erase me',
  },
  help: {
    any: 'menu',
    es: 'ayuda|ayudame|ayudenme|me ayudas|me podes ayudar|me puedes ayudar|ayuda me|comandos|opciones|que podes hacer|que puedes hacer|que sabes hacer',
    'pt-BR':
      'ajuda|me ajuda|me ajude|ajude me|pode me ajudar|voce pode me ajudar|opcoes|o que voce faz|o que voce pode fazer',
    en: 'help|help me|commands|options|what can you do',
  },
  people: {
    any: 'humano|humana|agente|operador|operadora',
    es: 'asesor|asesora|un asesor|una asesora|un humano|una persona|un agente|un operador|persona|persona real|una persona real|representante|hablar con un asesor|hablar con una asesora|hablar con asesor|hablar con una persona|hablar con una persona real|hablar con un humano|hablar con un agente|hablar con un operador|hablar con una operadora|hablar con un representante|hablar con alguien|atencion humana',
    'pt-BR':
      'atendente|um atendente|uma atendente|um humano|uma pessoa|pessoa|pessoa real|falar com atendente|falar com um atendente|falar com uma atendente|falar com o atendente|falar com uma pessoa|falar com pessoa|falar com um humano|falar com humano|falar com alguem|falar com um operador|falar com um agente|atendimento humano|atendimento',
    en: 'human|a human|agent|an agent|operator|person|a person|a real person|real person|representative|talk to a human|talk to a person|talk to someone|talk to an agent|talk to somebody|speak to a human|speak to a person|speak to someone|speak with someone|speak to an agent|speak with a human|speak with an agent',
  },
  silence: {
    any: 'stop|parar',
    es: 'baja|darme de baja|dar de baja|dame de baja|darse de baja|desuscribir|desuscribirme|desuscribime|no mas avisos|no mas mensajes|basta de avisos|no me manden mas avisos',
    'pt-BR':
      'sair|descadastrar|me descadastrar|cancelar inscricao|nao quero mais avisos|chega de avisos|sem avisos',
    en: 'unsubscribe|opt out|optout|stop all|stopall|no more messages|no more notices|stop messages',
  },
  unsilence: {
    any: 'start',
    es: 'alta|darme de alta|dame de alta|volver a recibir avisos|quiero avisos|activar avisos',
    'pt-BR': 'voltar|voltar a receber|voltar a receber avisos|quero avisos|ativar avisos',
    en: 'unstop|subscribe|resubscribe|opt in|resume',
  },
  someone_else: {
    any: '',
    es: 'soy otra persona|soy otro|soy otra|no soy yo|otra persona|cambiar persona|cambiar de persona|cambiar de usuario|cambiar usuario|ahora soy otra persona',
    'pt-BR':
      'sou outra pessoa|sou outro|sou outra|nao sou eu|outra pessoa|trocar pessoa|trocar de pessoa|mudar de pessoa|trocar de usuario|agora sou outra pessoa',
    en: 'someone else|somebody else|im someone else|i am someone else|im somebody else|i am somebody else|another person|im another person|i am another person|change person|switch person|switch user|im not me',
  },
  sign_in: {
    any: 'entrar|login',
    es: 'ingresar|iniciar sesion|acceder|inicio de sesion|entrar a la web|entrar a mi cuenta',
    'pt-BR': 'acessar|fazer login|iniciar sessao|entrar na conta|entrar na minha conta',
    en: 'log in|sign in|signin|log me in|sign me in',
  },
  not_me: {
    any: '',
    es: 'no fui yo|yo no fui|no era yo|ese no fui yo|esa no fui yo|eso no fui yo|no he sido yo',
    'pt-BR': 'nao fui eu|eu nao fui|nao era eu|esse nao fui eu|isso nao fui eu',
    en: 'it wasnt me|it was not me|wasnt me|that wasnt me|that was not me|this wasnt me|not me',
  },
}

/** Which language somebody asks for by name. */
export const languageWords: Readonly<Record<Locale, string>> = {
  es: 'espanol|en espanol|em espanhol|espanhol|castellano|en castellano|hablo espanol|en espanol por favor|spanish|in spanish|habla espanol|hablas espanol',
  'pt-BR':
    'portugues|em portugues|en portugues|falo portugues|fala portugues|portuguese|in portuguese|voce fala portugues',
  en: 'english|in english|ingles|en ingles|em ingles|i speak english|speak english|do you speak english',
}

/** What a greeting is made of: any number of these, and nothing else. */
export const greetingWords: Words = {
  any: 'ola|hey|ey|bot|inicio',
  es: 'hola|holis|holi|ola que tal|alo|buenas|buenos dias|buen dia|buenas tardes|buenas noches|muy buenas|muy buenos dias|que tal|como estas|como andas|como va|como esta|que onda|todo bien|saludos|empezar|comenzar',
  'pt-BR':
    'oi|oie|oii|opa|bom dia|boa tarde|boa noite|boas|e ai|eai|tudo bem|tudo bom|tudo certo|como vai|como voce esta|comecar',
  en: 'hello|hi|hiya|howdy|good morning|good afternoon|good evening|good day|how are you|hello there|hi there|greetings|get started',
}

/** What people put around a command without meaning anything else by it. */
export const politeWords = {
  before:
    'quiero|quisiera|necesito|me gustaria|por favor|porfa|puedo|podes|puedes|queria|quero|queria|preciso|preciso de|gostaria de|gostaria|posso|pode|please|pls|i want to|i want|i need to|i need|id like to|can you|could you|can i|ok|che',
  after:
    'por favor|porfa|porfis|porfavor|please|pls|plz|gracias|muchas gracias|obrigado|obrigada|valeu|pf|pfv|thanks|thank you|ya|ahora|agora|ja|now|che|bot',
} as const
