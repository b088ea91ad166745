import { type AppCall, openAppCall } from '../../src/adapters/vendors/open-webui/call.ts'
import type { AppIdentity } from '../../src/domain/upstream/app-accounts.ts'
import type { OpenWebuiSettings } from './open-webui/settings.ts'
import { openOpenWebuiStandIn } from './open-webui/stand-in.ts'

export const ana: AppIdentity = { email: 'u-1@people.invalid', name: 'Ana', role: 'user', groups: undefined }

/** What must not be told anywhere. */
export const secretToken = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2VjcmV0'

/** Stand-ins for Open WebUI and calls to them, until `close`. */
export function openWebuiStandIns() {
  const closing: (() => Promise<void>)[] = []
  const openCall = (url: URL, settings = {}): AppCall => {
    const { call, close } = openAppCall(url, settings)
    closing.push(close)
    return call
  }
  return {
    openCall,
    async open(settings: OpenWebuiSettings = {}) {
      const standIn = await openOpenWebuiStandIn(settings)
      closing.push(() => standIn.close())
      return { standIn, call: openCall(standIn.url) }
    },
    async close() {
      for (const close of closing.splice(0).reverse()) await close()
    },
    onClose: (close: () => Promise<void>) => closing.push(close),
  }
}

/** Whatever a refusal and all below it say. */
export async function toldBy(promise: Promise<unknown>) {
  const refusal = await promise.then(
    () => ({ code: 'none', message: '', cause: undefined }),
    (thrown) => thrown,
  )
  return {
    code: refusal.code,
    cause: String(refusal.cause?.message),
    all: `${refusal} ${refusal.cause?.stack}`,
  }
}
