import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { isMissing, skipReason } from '../support/installed-programs.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'
import { psql } from '../support/psql.ts'
import { openSimulatorPage, writeFrom, writeOn } from '../support/simulator-page.ts'

/** What the bot of the seed says, to the letter. */
const asks = '¡Hola! Para ayudarte necesito que me pases tu DNI (solo números).'
const recognises = '¡Perfecto, Juan! Ya te reconocí. ¿En qué te puedo ayudar hoy?'
const welcomes = '¡Hola de nuevo, Juan! 👋 ¿En qué te puedo ayudar hoy?'
const forgets = 'He olvidado tu información. 🛡️\nLa próxima vez te pediré tu DNI nuevamente.'

const telefono = '+5491155551234'

/**
 * As somebody goes through them who has just started Portero with no configuration: one after the other, with the phone of the
 * demo in a browser, and psql beside it.
 */
describe.skipIf(isMissing('psql'))(
  `the tests of the seed, step by step, on the phone simulator${skipReason('psql')}`,
  () => {
    let portero: PorteroProcess
    let browser: Browser
    let url: string
    let page: Page
    beforeAll(async () => {
      ;[portero, browser] = await Promise.all([openPortero(), openBrowser()])
      url = (await portero.run('db', 'url')).stdout.trim()
      page = await openSimulatorPage(browser, portero.url)
    })
    afterAll(async () => {
      await browser?.close()
      await portero?.dispose()
    })

    const write = (text: string) => writeOn(page, text)
    const remembered = () => psql(url, `SELECT * FROM telefono_usuario WHERE telefono = '${telefono}';`)

    it('Test 1: Primera Autenticación', async () => {
      expect(await writeFrom(page, telefono, 'Hola')).toBe(asks)
      expect(await write('12345678')).toBe(recognises)
      const table = await remembered()
      expect(table).toMatch(/^ *telefono *\| *usuario_id *\| *ultimo_acceso *\| *created_at *$/m)
      expect(table).toContain(telefono)
      expect(table).toContain('(1 row)')
    })

    it('Test 2: Auto-Autenticación', async () => {
      await page.close()
      const later = `UPDATE telefono_usuario SET ultimo_acceso = NOW() - INTERVAL '5 minutes' WHERE telefono = '${telefono}';`
      expect(await psql(url, later)).toBe('UPDATE 1')
      page = await openSimulatorPage(browser, portero.url)
      expect(await writeFrom(page, telefono, 'Hola')).toBe(welcomes)
    })

    it('Test 3: Comando Olvidar', async () => {
      expect(await write('olvidar')).toBe(forgets)
      expect(await write('Hola')).toBe(asks)
      expect(await remembered()).toContain('(0 rows)')
    })

    it('Test 4: Expiración (30 días)', async () => {
      // As it stands after the third, nobody is remembered.
      expect(await write('12345678')).toBe(recognises)
      const past = `UPDATE telefono_usuario
   SET ultimo_acceso = NOW() - INTERVAL '35 days'
   WHERE telefono = '${telefono}';`
      expect(await psql(url, past)).toBe('UPDATE 1')
      expect(await write('Hola')).toBe(asks)
      expect(await write('12345678')).toBe(recognises)
      expect(await write('Hola')).toBe(welcomes)
    })
  },
)
