import type { Texts } from './texts.ts'

/** What the bot says in Brazilian Portuguese (você). */
export const ptBR: Texts = {
  ask_document: 'Oi! Para ajudar você, preciso do seu {documents}{digits}.',
  recognised:
    '{hasName, select, yes {Perfeito, {name}!} other {Perfeito!}} Já reconheci você. Em que posso ajudar hoje?',
  welcome_back:
    '{hasName, select, yes {Oi de novo, {name}!} other {Oi de novo!}} 👋 Em que posso ajudar hoje?',
  forgotten: 'Esqueci suas informações. 🛡️\nDa próxima vez vou pedir seu {documents} novamente.',
  forgotten_everybody:
    'Esqueci todas as pessoas deste telefone. 🛡️\nDa próxima vez vou pedir o {documents} novamente.',

  ask_other_document: 'Certo. Para saber quem é você, preciso do seu {documents}{digits}.',
  ask_contact:
    'Oi! Seu número não aparece para mim, e preciso dele para saber quem é você. Pode compartilhar comigo? Depois não peço mais. Se não puder, escreva "atendente".',
  ask_who:
    '{form, select, list {Oi! Quem está escrevendo? Responda com o número:\n{list}\n\nSe você não está na lista, escreva "sou outra pessoa".} full {Oi! Quem está escrevendo? Se você não está aqui, escreva "sou outra pessoa".} other {Oi! Quem está escrevendo?}}',

  document_unreadable:
    '{reason, select, too_short {Falta alguma coisa nesse {document}.} too_long {Esse {document} está mais longo do que deveria.} bad_check_digit {Esse {document} não confere: pode haver um número trocado.} looks_like_phone {Isso parece um número de telefone.} other {Não consegui ler seu {documents}.}} Confira e escreva seu {document}: {shape}.',
  document_unknown:
    'Não encontrei ninguém com esse {document}. Confira se está certo e mande de novo. Se continuar sem aparecer, escreva "atendente" e uma pessoa ajuda você.',
  too_many_documents:
    'Hoje já foram tentados vários documentos neste telefone e, por segurança, faço uma pausa. Você pode continuar amanhã ou escrever "atendente" para falar com uma pessoa.',
  too_many_people:
    'Este telefone já é de várias pessoas e não posso incluir mais uma. Se alguma não usa mais, ela pode escrever "esquecer". Ou escreva "atendente" e uma pessoa ajuda você.',
  blocked:
    'Por enquanto não posso ajudar você por aqui. {hasContact, select, yes {Você pode perguntar em {contact}.} other {{brand} pode dizer como continuar.}}',

  code_asked:
    'Se esse documento estiver cadastrado, o telefone do cadastro recebe um código de 6 números. Escreva o código aqui. Se errou o documento, mande de novo.',
  code_wrong:
    'O código não é esse, ou já expirou. Confira e tente de novo, ou mande seu {documents} outra vez.',
  approval_asked:
    'Obrigado. Passei seu pedido para {brand}: se esse documento estiver cadastrado, alguém precisa confirmar você antes de continuar. Não é preciso fazer mais nada.',
  proof_asked:
    'Se esse documento estiver cadastrado com outro telefone, escreva a partir dele. Se não tem mais esse número, escreva "atendente" e uma pessoa ajuda você.',
  step_up_code:
    'Para entrar no site preciso ter certeza de que é você. Um código de 6 números chega ao outro telefone que está no cadastro. Escreva-o aqui.',
  step_up_approval:
    'Para entrar no site preciso ter certeza de que é você. Pedi a {brand} que confirme; aviso você por aqui.',
  step_up_nobody:
    'Para entrar no site preciso ter certeza de que é você, e agora não tenho outro telefone seu onde perguntar. Escreva "atendente" e uma pessoa de {brand} ajuda você.',
  raised:
    'Pronto{hasName, select, yes {, {name}} other {}}, agora sei que é você. Para entrar no site escreva "entrar" de novo.',
  still_waiting:
    'Seu pedido ainda está com {brand}. Se errou o documento, mande de novo; se for urgente, escreva "atendente".',

  not_text: 'Por enquanto só consigo ler mensagens escritas. Pode me contar com palavras?',
  not_text_unknown:
    'Por enquanto só consigo ler mensagens escritas. Para ajudar você, preciso do seu {documents}{digits}.',
  no_agent:
    '{hasName, select, yes {{name}, reconheço você,} other {Reconheço você,}} mas por aqui ainda não há quem responda. Escreva "atendente" e aviso uma pessoa de {brand}.',
  agent_unsure:
    'Para responder a isso{hasName, select, yes {, {name},} other {}} preciso antes ter certeza de que é você. Escreva "entrar" e digo como seguir, ou "atendente" e uma pessoa atende você.',
  help: 'Você pode me escrever quando quiser:\n• "atendente": uma pessoa de {brand} atende você\n• "sou outra pessoa": se outra pessoa escreve deste telefone\n• "entrar": mando um link para entrar no site\n• "não fui eu": se avisei de algo que você não fez\n• "esquecer": esqueço quem é você neste telefone\n• "esquecer todos": esqueço todas as pessoas deste telefone\n• "apagar meus dados": peço a {brand} que apague seus dados\n• "SAIR": não mando mais avisos\n• "español" ou "English": mudo de idioma',
  handed_over:
    'Pronto{hasName, select, yes {, {name}} other {}}: avisei {brand} e uma pessoa vai escrever para você por aqui. Até lá fico em silêncio ({hours, plural, one {no máximo # hora} other {no máximo # horas}}).',
  sign_in:
    '{hasUrl, select, yes {Para entrar no site, abra {url} e digite seu número: você recebe um código.} other {Por aqui ainda não consigo abrir o site para você. Se precisar entrar, escreva "atendente".}}',
  sign_in_link:
    '{hasName, select, yes {{name}, com} other {Com}} este link você entra no site:\n{secret}\n\nVale uma vez só, por 10 minutos. Não passe para ninguém: quem abre entra como você.',
  sign_in_code:
    'Seu código para entrar: {secret}\n\nÉ para {device}, do endereço {address}. Digite nessa página, a que mostrou a mensagem.\n\n⚠️ Se não foi você, ou se alguém pediu que você mandasse essa mensagem, não passe este código para ninguém.',
  sign_in_ask_contact:
    'Para entrar preciso do seu número, e ele não chega até mim. Você compartilha comigo? Depois mande de novo a mensagem com o código.',
  sign_in_over:
    'Essa mensagem para entrar já não vale: dura 5 minutos e só serve uma vez. Volte à página e peça outra.',
  sign_in_other_phone:
    'Na página você colocou outro número. Mande a mensagem daquele telefone, ou volte à página e coloque este.',
  sign_in_not_admitted:
    'Este número não está cadastrado, então não dá para entrar com ele. {hasContact, select, yes {Você pode perguntar em {contact}.} other {Peça a {brand} para adicioná-lo.}}',
  sign_in_too_many_codes:
    'Você já tem vários códigos sem usar para este número. Use um deles, ou espere alguns minutos e mande a mensagem de novo.',
  sign_in_country_not_allowed:
    'Por enquanto não dá para entrar com números desse país. {hasContact, select, yes {Você pode perguntar em {contact}.} other {{brand} pode dizer como continuar.}}',
  not_me:
    'Obrigado por avisar. Já contei para {brand}, que vai verificar. Se receber um código, não passe para ninguém.',
  session_disowned:
    'Pronto: encerrei essa sessão e não reconheço mais esse navegador. {hours, plural, =0 {} one {Durante # hora, se alguém que não conheço pedir um código para este telefone, não envio. } other {Durante # horas, se alguém que não conheço pedir um código para este telefone, não envio. }}Já avisei {brand}. Não passe códigos a ninguém.',
  document_disowned:
    'Pronto: {count, plural, =0 {em outros telefones não ficou ninguém com o seu documento} other {tirei quem se fez passar por você}}. Durante uma semana ninguém consegue fazer isso com o seu documento. {hasButton, select, yes {Também avisei de uma nova sessão: se ela também não é sua, toque no botão e eu encerro. } other {}}Já avisei {brand}. Se receber um código, não passe para ninguém.',
  silenced:
    'Pronto, não mando mais avisos. Se você me escrever, respondo do mesmo jeito. Para voltar a receber, escreva "VOLTAR".',
  unsilenced: 'Pronto, volto a mandar avisos. Para parar, escreva "SAIR".',
  erasure_requested:
    'Passei para {brand} seu pedido de apagar seus dados; uma pessoa vai responder. Se também quiser que eu esqueça este telefone agora, escreva "esquecer".',
  language_chosen: 'Pronto, continuamos em português.',

  button_someone_else: 'Outra pessoa',
  button_i_am: '{hasName, select, yes {Sou {name}} other {Sou a mesma pessoa}}',
  person_without_name: 'Pessoa {number}',
  only_digits: '(só números)',
  shape_dni: 'são 7 ou 8 números, sem pontos',
  shape_cpf: 'são 11 números, sem pontos',
  shape_other: 'por exemplo {example}',
  device_on: '{browser} no {system}',
  device_unknown: 'um dispositivo não identificado',
  privacy: 'Como cuidamos dos seus dados: {url}',
}
