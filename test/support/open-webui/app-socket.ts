import { WebSocket } from 'ws'

export type AppSocket = {
  /** Everything that it was sent, in the packets of Engine.IO. */
  readonly packets: readonly string[]
  isOpen(): boolean
  /** Resolves at the packet by which Open WebUI cuts a socket; rejects when none comes in that time. */
  whenCut(withinMs: number): Promise<void>
  close(): void
}

/** A socket as Open WebUI's page opens it, joined to the room of the token's account. Rejects when the upgrade is refused. */
export function openAppSocket(
  url: string,
  { token, ...options }: { token?: string; origin?: string; headers?: Record<string, string> } = {},
): Promise<AppSocket> {
  const packets: string[] = []
  const target = `${url.replace(/^http/, 'ws')}/ws/socket.io/?EIO=4&transport=websocket`
  const ws = new WebSocket(target, options)
  let wasCut = () => {}
  const cut = new Promise<void>((resolve) => {
    wasCut = resolve
  })
  return new Promise((resolve, reject) => {
    ws.on('error', reject)
    ws.on('message', (data) => {
      const packet = String(data)
      packets.push(packet)
      if (packet === '2') ws.send('3')
      if (packet === '41') wasCut()
      if (packet.startsWith('0')) ws.send(`40${token === undefined ? '' : JSON.stringify({ token })}`)
      if (!packet.startsWith('40')) return
      resolve({
        packets,
        isOpen: () => ws.readyState === WebSocket.OPEN,
        whenCut(withinMs) {
          const late = new Promise<never>((_, fail) => {
            setTimeout(fail, withinMs, new Error(`not cut within ${withinMs} ms`)).unref()
          })
          return Promise.race([cut, late])
        },
        close: () => ws.terminate(),
      })
    })
  })
}
