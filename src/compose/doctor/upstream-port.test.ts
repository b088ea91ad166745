import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { judgePort, lookAtPort, type PortSeen } from './upstream-port.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listenOn(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.destroy())
  servers.push(server)
  await new Promise<void>((done) => server.listen(port, host, done))
  return (server.address() as AddressInfo).port
}

/** Linux answers on all of 127.0.0.0/8, so one of them stands for the address by which others reach this machine. */
const outer = '127.0.0.2'
const interfaces = {
  lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }],
  eth0: [{ address: outer, family: 'IPv4', internal: false }],
} as unknown as Record<string, NetworkInterfaceInfo[]>

const judge = (seen: PortSeen, believesHeaders = true) =>
  judgePort(seen, { upstreamUrl: new URL('http://app:8080'), believesHeaders }).map(({ status }) => status)

describe.skipIf(process.platform !== 'linux')(
  `the port of an application${process.platform === 'linux' ? '' : ' (skipped: only Linux has 127.0.0.2 from the start)'}`,
  () => {
    test('that listens on loopback alone is not found open', async () => {
      const upstreamUrl = new URL(`http://127.0.0.1:${await listenOn('127.0.0.1')}`)
      expect(await lookAtPort({ upstreamUrl, interfaces })).toEqual({
        address: '127.0.0.1',
        openAt: [],
        isHere: true,
      })
    })

    test('that listens everywhere is found open at the outer address', async () => {
      const upstreamUrl = new URL(`http://localhost:${await listenOn('0.0.0.0')}`)
      expect(await lookAtPort({ upstreamUrl, interfaces })).toMatchObject({ openAt: [outer], isHere: true })
    })

    test('is tried also when upstream.url names the outer address itself', async () => {
      const upstreamUrl = new URL(`http://${outer}:${await listenOn(outer)}`)
      expect(await lookAtPort({ upstreamUrl, interfaces })).toMatchObject({ openAt: [outer], isHere: true })
    })
  },
)

test('a name that means nothing here says nothing', async () => {
  const upstreamUrl = new URL('http://no-such-host.invalid:8080')
  const seen = await lookAtPort({ upstreamUrl, interfaces })
  expect(seen).toEqual({ address: undefined, openAt: [], isHere: false })
  expect(judge(seen)).toEqual([])
})

test('an open way past Portero is a fault where headers are believed, and what others can reach stays unseen', () => {
  const here = { address: '127.0.0.1', isHere: true }
  expect(judge({ ...here, openAt: [outer] })).toEqual(['fault'])
  expect(judge({ ...here, openAt: [outer] }, false)).toEqual(['warning'])
  expect(judge({ ...here, openAt: [] })).toEqual(['ok', 'unseen'])
  const elsewhere = { isHere: false, openAt: [] }
  for (const address of ['172.18.0.3', '10.1.2.3', '192.168.1.9', 'fd00::1']) {
    expect(judge({ ...elsewhere, address })).toEqual(['ok', 'unseen'])
  }
  for (const address of ['8.8.8.8', '2606:4700::1111']) {
    expect(judge({ ...elsewhere, address })).toEqual(['fault'])
    expect(judge({ ...elsewhere, address }, false)).toEqual(['warning'])
  }
})
