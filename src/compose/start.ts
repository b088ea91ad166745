import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { simulatorDelivery } from '../adapters/delivery/simulator.ts'
import { putOnRecord } from '../adapters/store/put-on-record.ts'
import type { Config } from '../config/config.ts'
import { isDemo } from '../config/demo.ts'
import type { Log } from '../domain/log.ts'
import { callSeconds } from '../domain/messaging/delivery-store.ts'
import { resumeDeliveries } from '../domain/messaging/resume-deliveries.ts'
import { demoPeople } from '../domain/people/demo-people.ts'
import { hearRevocations } from '../domain/sessions/hear-revocations.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { openDemoApp } from '../pages/demo/demo-app.ts'
import { type AppBehind, openAppBehind } from './app-behind.ts'
import { assistantWarning } from './assistant-countries.ts'
import { openChat } from './chat.ts'
import { chatSenders } from './chat-senders.ts'
import { compose, type Portero } from './compose.ts'
import { deliveryProviders } from './delivery-providers.ts'
import { openDoors } from './doors.ts'
import { ensureAdmins } from './ensure-admins.ts'
import { startEvents } from './events.ts'
import { openNotices } from './notices.ts'
import { openStorage, type Storage } from './open-storage.ts'
import { readLogo } from './read-logo.ts'
import { repeat } from './repeat.ts'

/** A Portero that listens. */
export type Running = {
  readonly server: Server
  readonly address: AddressInfo
  readonly demo: { readonly on: boolean; readonly asked: boolean }
  close(): Promise<void>
}

type Needs = {
  config: Config
  log: Log
  currentFolder: string
  now: () => number
  /** What another process has opened; its own when not given. */
  storage?: Storage
}

const graceMs = 10_000
/** Whoever changes here is told to the app at once; this is for what failed, and for an app that was away. */
const settleEveryMs = 3000

/**
 * Starts everything in order and resolves when Portero listens; what was opened is closed again, in reverse order, when a
 * step fails and at the end. Rejects with a StartupProblem for what the operator can mend.
 */
export async function start({ config, log, currentFolder, now, ...given }: Needs): Promise<Running> {
  const { demo } = isDemo(config)
  const opened: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (let undo = opened.pop(); undo !== undefined; undo = opened.pop()) await undo()
  }
  try {
    const storage = given.storage ?? (await openStorage({ config, log, currentFolder }, 'serve'))
    opened.push(storage.close)
    const simulator = demo ? simulatorDelivery({ now }) : undefined
    const providers = simulator === undefined ? deliveryProviders(config) : [simulator]
    const portero = await compose({ config, storage, log, now, providers })
    opened.push(portero.close, portero.deliver.idle)
    await ensureAdmins(portero)
    await portero.recognitionStore.setUsual({
      rememberDays: config.bot.remember_days,
      idleLinkDays: config.people.idle_link_days,
    })
    opened.push(await hearRevocations(portero))
    opened.push(repeat(5000, log, () => resumeDeliveries(portero, callSeconds)))
    opened.push(repeat(3_600_000, log, portero.sweep))

    if (demo) await putOnRecord(portero.database, demoPeople)
    const demoApp = demo && config.upstream.url === undefined ? await openDemoApp({ now }) : undefined
    if (demoApp !== undefined) opened.push(demoApp.close)
    const app = appBehind(portero, demoApp?.url)
    if (app !== undefined) {
      opened.push(app.close)
      opened.push(repeat(settleEveryMs, log, app.settle))
    }

    const senders = [...(simulator === undefined ? [] : [simulator.chat]), ...chatSenders(portero)]
    const chat = openChat(portero, senders, app)
    const chatWorker = chat.work()
    opened.push(chatWorker.close)
    opened.push(openNotices(portero, senders).close)
    const events = await startEvents(portero)
    if (events !== undefined) opened.push(events.close)

    warnOfAssistantCountries(portero)
    const logo = config.pages.logo === undefined ? undefined : readLogo(config.pages.logo, currentFolder)
    const doors = await openDoors(portero, { app, simulator, chat, logo })
    opened.push(() => doors.close(graceMs))
    await listen(doors.server, config.listen)
    const address = doors.server.address() as AddressInfo
    portero.ownAddress.listensOn(address)
    return { server: doors.server, address, demo: portero.demo, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

function warnOfAssistantCountries({ config, log }: Portero): void {
  const found = assistantWarning(config)
  if (found !== undefined) log.warn({ countries: found.countries, cure: found.cure }, found.what)
}

function appBehind(portero: Portero, demoUrl: URL | undefined): AppBehind | undefined {
  const { url, kind } = portero.config.upstream
  if (url !== undefined) return openAppBehind(portero, new URL(url), kind)
  return demoUrl && openAppBehind(portero, demoUrl, 'generic')
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  try {
    server.listen({ host, port })
    await once(server, 'listening')
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'another program listens there' : `it may not (${code})`
    throw new StartupProblem(
      `Portero cannot listen on ${host}:${port}: ${why}. Stop that program, or set listen.port (PORT).`,
    )
  }
}
