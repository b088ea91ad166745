import type { RefusalTexts, Texts } from './texts.ts'

/** The texts of every page in Brazilian Portuguese (você). */
export const ptBR: Texts = {
  language: 'Idioma',
  privacy: 'Privacidade',
  demo_warning: 'Isto é uma demonstração: qualquer pessoa pode ler os códigos. Não use dados de verdade.',
  demo_phone: 'Abrir o telefone de teste',
  reference: 'Referência: {reference}',

  phone_title: 'Entre com seu telefone',
  phone_lead: 'Enviamos um código para saber que é você. Sem senhas.',
  phone_country: 'País',
  phone_number: 'Seu número',
  phone_hint: 'Por exemplo {example}',
  phone_next: 'Continuar',
  phone_busy: 'Enviando…',

  code_title: 'Digite o código',
  code_sent:
    '{channel, select, whatsapp {Enviamos por WhatsApp para {phone}.} sms {Enviamos por SMS para {phone}.} other {Vamos ligar para {phone} e dizer o código.}}',
  code_sent_if_known:
    '{channel, select, whatsapp {Se {phone} estiver cadastrado, você recebe um código por WhatsApp.} sms {Se {phone} estiver cadastrado, você recebe um código por SMS.} other {Se {phone} estiver cadastrado, vamos ligar e dizer o código.}}',
  code_correct: 'Corrigir o número',
  code_label: 'Código de {digits} números',
  code_shared: 'Este computador é compartilhado',
  code_shared_hint: 'A sessão se encerra sozinha e nada fica guardado aqui.',
  code_enter: 'Entrar',
  code_busy: 'Entrando…',
  code_wrong:
    'Não é esse código. Confira e tente de novo: {triesLeft, plural, one {resta # tentativa} other {restam # tentativas}}.',
  code_tries_left: '{triesLeft, plural, one {Resta # tentativa} other {Restam # tentativas}}.',
  code_malformed: 'O código tem {digits} números. Confira e tente de novo.',
  code_resent: 'Pronto, enviamos outra vez. É o mesmo código.',
  code_not_arrived: 'Não chegou?',
  code_resend_by:
    '{channel, select, whatsapp {Enviar outra vez por WhatsApp} sms {Enviar outra vez por SMS} other {Ligar outra vez}}',
  code_other_channel:
    '{channel, select, whatsapp {Receber por WhatsApp} sms {Receber por SMS} other {Receber uma ligação}}',
  code_resend_wait: 'Você pode pedir de novo em {time}.',
  code_too_early: 'Já está a caminho. Você pode pedir de novo em {time}.',

  expired_title: 'O código expirou',
  expired_lead: 'Por segurança, cada código vale poucos minutos. Peça um novo para {phone}.',
  exhausted_title: 'Esse código não vale mais',
  exhausted_lead:
    'Houve tentativas demais, então anulamos o código para proteger sua conta. Peça um novo para {phone}.',
  send_new: 'Enviar um código novo',
  other_number: 'Usar outro número',

  later_title: 'Vamos fazer uma pausa',
  too_many_codes:
    'Muitos códigos foram pedidos para este número ou desta conexão. Você pode pedir outro em {time}.',
  too_many_tries: 'Houve muitos códigos errados desta conexão. Você pode tentar de novo em {time}.',
  ways_in: 'Enquanto isso',
  way_have_code: 'Se você já recebeu um código, ele ainda vale.',
  way_type_code: 'Digitar o código',
  way_known_browser: 'Se você já entrou por outro celular ou computador, tente por lá.',
  way_contact: 'Se for urgente, fale com {contact}.',
  try_again: 'Tentar de novo',

  waiting_title: 'Falta a aprovação',
  waiting_lead:
    'Já sabemos que o número é seu. Agora {name} precisa aprovar sua entrada; você não precisa fazer mais nada.',
  blocked_title: 'Esta conta está em pausa',
  blocked_lead: 'Por enquanto não dá para entrar com este número. {name} pode ajudar você.',
  unknown_title: 'Não encontramos esse número',
  unknown_lead:
    'Talvez seu cadastro esteja com outro número. Tente com ele, ou peça a {name} para incluir este.',
  ask_contact: 'Você pode perguntar em {contact}.',

  name_title: 'Como você se chama?',
  name_lead: 'Assim cumprimentamos você pelo nome. Perguntamos uma vez só.',
  name_label: 'Seu nome',
  name_save: 'Salvar e continuar',
  name_skip: 'Agora não',

  who_title: 'Quem é você?',
  who_lead: 'Várias pessoas entram com {phone}. Escolha quem é você.',
  who_nameless: 'Sem nome',
  who_change: 'Sou outra pessoa',

  confirm_title: 'Entrar como {person}?',
  confirm_lead: 'Um link quer abrir esta conta. Continue só se foi você que pediu.',
  confirm_switch: 'Agora você está como {current}. Se continuar, essa sessão se encerra neste navegador.',
  confirm_continue: 'Sim, entrar',
  confirm_cancel: 'Não, cancelar',
  dead_title: 'Este link não vale mais',
  dead_lead: 'Os links de entrada valem poucos minutos. Entre com seu telefone, é rápido.',
  dead_action: 'Entrar com meu telefone',
  preview_title: 'Link de entrada',
  preview_lead: 'Abra este link no seu navegador para entrar em {name}.',

  signed_in_title: 'Olá{person, select, none {} other {, {person}}}',
  signed_in_lead: 'Você entrou com {phone}.',
  signed_in_continue: 'Ir para {name}',
  sessions_link: 'Sua conta e suas sessões',
  sign_out: 'Sair',

  account_title: 'Sua conta',
  account_name: 'Nome',
  account_phone: 'Telefone',
  account_change_name: 'Mudar o nome',
  account_add_name: 'Adicionar seu nome',
  sessions_title: 'Onde sua conta está aberta',
  session_here: 'Esta sessão',
  session_seen: 'Usada {when}',
  session_from: 'de {address}',
  session_shared: 'computador compartilhado',
  session_end: 'Encerrar',
  session_end_label: 'Encerrar a sessão de {device}',
  sign_out_all: 'Sair de todos os lugares',
  forget_device: 'Esquecer este navegador',
  forget_device_hint: 'Na próxima vez que você entrar por aqui, ele será tratado como um dispositivo novo.',
  device_forgotten: 'Pronto, este navegador foi esquecido.',
  session_ended: 'Pronto, essa sessão foi encerrada.',
  name_saved: 'Pronto, seu nome foi salvo.',
  just_now: 'agora há pouco',
  device_on: '{browser} em {system}',
  device_unknown: 'Um dispositivo',

  handoff_title: 'Entrando…',
  handoff_no_script: 'Se isto não avança, seu navegador não deixa rodar scripts. O aplicativo precisa deles.',
  signed_out_title: 'Você saiu',
  signed_out_lead: 'Sua sessão foi encerrada neste navegador.',
  signed_out_all_lead: 'Encerramos sua sessão em todos os lugares.',
  signed_out_again: 'Entrar de novo',

  upstream_unreachable_title: 'O aplicativo não responde',
  upstream_unreachable_lead: 'Sua sessão continua aberta. Espere um momento e tente de novo.',
  upstream_timeout_title: 'O aplicativo está demorando demais',
  upstream_timeout_lead: 'Sua sessão continua aberta. Espere um momento e tente de novo.',
  upstream_busy_title: 'O aplicativo está com muito trabalho',
  upstream_not_configured_title: 'Ainda não há nada atrás desta porta',
  upstream_not_configured_lead:
    'Você entrou, mas falta dizer ao Portero qual aplicativo abrir (upstream.url).',

  error_title: 'Não deu certo',
  error_bug_title: 'Algo deu errado do nosso lado',
  error_bug_lead:
    'Você não fez nada de errado. Tente de novo em um momento; se continuar, passe esta referência a {name}.',
  not_found_title: 'Não há nada aqui',
}

/** The sentences for refusals, by their code. */
export const ptBRRefusals: RefusalTexts = {
  invalid_request: 'Não entendemos o que chegou. Volte à página e tente de novo.',
  invalid_phone: 'Esse número não parece completo. Confira o país e o DDD.',
  ambiguous_number: 'Esse número pode ser de dois lugares. Escreva com o + e o código do país.',
  country_not_allowed: 'Por enquanto não dá para entrar com números desse país. Tente com outro número.',
  phone_not_reachable: 'Não conseguimos enviar um código a esse número. Tente com um celular.',
  channel_not_available: 'Por aí não conseguimos enviar. Escolha outra forma de receber.',
  invalid_name: 'Não conseguimos salvar esse nome. Escreva de 1 a 80 letras.',
  invalid_token: 'Esse link ou essa sessão não vale mais. Entre de novo.',
  invalid_code: 'Não é esse código, ou ele expirou. Confira ou peça um novo.',
  not_signed_in: 'Para isso é preciso entrar primeiro.',
  invalid_api_key: 'A chave da API não é válida ou foi anulada.',
  invalid_signature: 'A assinatura deste pedido falta ou não confere.',
  invalid_verify_token: 'O token de verificação não é o configurado.',
  approval_pending: 'O número é seu; agora falta a aprovação. Você não precisa fazer mais nada.',
  person_blocked: 'Por enquanto não dá para entrar com este número. Pergunte à organização.',
  not_admitted: 'Esse número não está cadastrado. Peça à organização para incluí-lo.',
  origin_not_allowed: 'O pedido veio de outro site. Abra esta página diretamente e tente de novo.',
  scope_missing: 'A chave da API não alcança para isso.',
  demo_is_local: 'Esta demonstração é só para o computador onde ela roda.',
  insecure_transport: 'Para entrar é preciso uma conexão segura. Abra o endereço que começa com https.',
  not_found: 'Não há nada neste endereço. Volte ao início.',
  person_not_here:
    'Essa pessoa não pode mais ser escolhida com este telefone. Escolha outra, ou saia e entre de novo.',
  proof_too_old: 'Para entrar como essa pessoa é preciso um código novo. Saia e entre de novo.',
  person_not_found: 'Não encontramos essa pessoa. Confira os dados e tente de novo.',
  session_not_found: 'Essa sessão já estava encerrada.',
  method_not_allowed: 'Este endereço não pode ser aberto assim. Volte ao início.',
  too_large: 'O que chegou é grande demais. Tente com menos.',
  too_many_codes: 'Muitos códigos foram pedidos. Espere um pouco antes de pedir outro.',
  too_many_tries: 'Houve muitos códigos errados. Espere um pouco antes de tentar de novo.',
  delivery_unavailable:
    'Agora não conseguimos enviar o código. Espere um momento ou escolha outra forma de receber.',
  database_unavailable: 'Agora não conseguimos atender você. Tente de novo em um momento.',
  revocations_unknown: 'Agora não conseguimos verificar sua sessão. Tente de novo em um momento.',
  upstream_unreachable: 'O aplicativo não responde. Tente de novo em um momento.',
  ambiguous_request: 'Esse pedido pode ser lido de duas maneiras. Volte ao início e tente de novo.',
  request_timeout: 'O pedido não chegou a tempo. Tente de novo.',
  headers_too_large: 'O navegador enviou dados demais. Apague os cookies deste site e tente de novo.',
  upstream_timeout: 'O aplicativo está demorando demais. Tente de novo em um momento.',
  upstream_busy: 'O aplicativo está com muito trabalho. Tente de novo em um momento.',
  app_sign_in_off:
    'O aplicativo não está aceitando entradas agora: quem o administra precisa mudar uma configuração.',
  app_headers_off:
    'O aplicativo ainda não está pronto para esta entrada: quem o administra precisa mudar uma configuração.',
  app_second_factor:
    'O aplicativo pede uma segunda etapa que não pode ser feita aqui: avise quem o administra.',
  app_answer_unknown:
    'O aplicativo respondeu algo que não entendemos. Tente de novo daqui a pouco; se continuar assim, avise quem o administra.',
  app_closed_path: 'Esta parte não está aberta aqui.',
  no_upstream: 'Ainda não há nenhum aplicativo atrás desta porta.',
}
