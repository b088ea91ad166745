import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openWhatsappBot, type Say, type WhatsappBot } from '../support/whatsapp-bot.ts'

/** What the bot of the seed says, to the letter. */
const asks = '¡Hola! Para ayudarte necesito que me pases tu DNI (solo números).'
const recognises = '¡Perfecto, Juan! Ya te reconocí. ¿En qué te puedo ayudar hoy?'
const welcomes = '¡Hola de nuevo, Juan! 👋 ¿En qué te puedo ayudar hoy?'
const forgets = 'He olvidado tu información. 🛡️\nLa próxima vez te pediré tu DNI nuevamente.'

let made = 0
let bot: WhatsappBot
beforeAll(async () => {
  bot = await openWhatsappBot()
  await bot.sql(`INSERT INTO usuarios (nombre, apellido, dni) VALUES ('Juan', 'Pérez', '12345678')`)
})
afterAll(() => bot.close(), 60_000)

describe.each(['whatsapp', 'twilioChat', 'http', 'terminal'] as const)(
  'the tests of the seed over %s',
  (channel) => {
    let phone: string
    let say: Say
    beforeEach(() => {
      phone = `+549115555${1000 + ++made}`
      say = bot[channel](phone)
    })
    /** What the first test looks at already; each conversation at a terminal is a process, so that there it is one. */
    async function isKnown(): Promise<void> {
      const texts = ['Hola', '12345678']
      if (channel === 'terminal') await say(texts.join('\n'))
      else for (const text of texts) await say(text)
    }
    const remembered = () => bot.sql(`SELECT * FROM telefono_usuario WHERE telefono = '${phone}';`)

    it('1: the first time it asks for the DNI, knows the person by it, and keeps that', async () => {
      expect(await say('Hola')).toBe(asks)
      expect(await remembered()).toEqual([])
      expect(await say('12345678')).toBe(recognises)
      const [juan] = await bot.sql(`SELECT id FROM usuarios WHERE dni = '12345678'`)
      expect(await remembered()).toMatchObject([{ telefono: phone, usuario_id: juan.id }])
    }, 120_000)

    it('2: the next time it greets by name and does not ask', async () => {
      await isKnown()
      await bot.sql(
        `UPDATE telefono_usuario SET ultimo_acceso = NOW() - INTERVAL '5 minutes' WHERE telefono = '${phone}';`,
      )
      expect(await say('Hola')).toBe(welcomes)
      expect(await remembered()).toHaveLength(1)
    }, 120_000)

    it('3: "olvidar" forgets, the next message is asked for the DNI, and the table has no row', async () => {
      await isKnown()
      expect(await say('olvidar')).toBe(forgets)
      expect(await say('Hola')).toBe(asks)
      expect(await remembered()).toEqual([])
    }, 120_000)

    it('4: after 35 days it asks for the DNI again', async () => {
      await isKnown()
      await bot.sql(`UPDATE telefono_usuario
      SET ultimo_acceso = NOW() - INTERVAL '35 days'
      WHERE telefono = '${phone}';`)
      expect(await say('Hola')).toBe(asks)
      expect(await say('12345678')).toBe(recognises)
      expect(await say('Hola')).toBe(welcomes)
    }, 120_000)
  },
)

it('the readers of the log find what came of it by its sign', () => {
  const lines = bot.portero
    .output()
    .split('\n')
    .filter((line) => line.includes('🔍'))
  expect(lines.some((line) => line.includes('recognised'))).toBe(true)
  expect(lines.some((line) => line.includes('its memory has run out'))).toBe(true)
  expect(lines.join('\n')).not.toContain('5555')
})
