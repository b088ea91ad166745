import type { Bench } from './bench.ts'
import { descendants } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { openGenerator } from './support/load.ts'
import { median } from './support/median.ts'
import { dataFolder, signIn, startPortero } from './support/portero.ts'

const rounds = 4
const seconds = 1

/** Forward-auth by two workers on two cores against one, with what asks them on the same cores. */
export const workers: Bench = {
  name: 'workers',
  steps: rounds * 2,
  async run({ progress }) {
    const folders = [await dataFolder(), await dataFolder()] as const
    const one = await startPortero(folders[0].path, { core: 'any' })
    const two = await startPortero(folders[1].path, { core: 'any', env: { PORTERO_LISTEN__WORKERS: '2' } })
    const generator = await openGenerator()
    const measure = async (portero: typeof one) => {
      const cookie = await signIn(portero)
      const request = `GET /_portero/auth HTTP/1.1\r\nHost: chat.example.org\r\nCookie: ${cookie}\r\n\r\n`
      const load = { port: portero.port, request, status: 200, connections: 64, seconds }
      const pids = [portero.pid, ...descendants(portero.pid)]
      return () => generator.measure(load, pids)
    }
    const did = await interleave(rounds, { one: await measure(one), two: await measure(two) }, progress)
    await Promise.all([one.stop(), two.stop()])
    await Promise.all(folders.map((folder) => folder.remove()))
    const shown = (list: typeof did.one): string =>
      `${Math.round(median(list.map((m) => m.perSecond))).toLocaleString('en')}/s`
    return [
      {
        work: 'forward-auth, listen.workers 2, by the clock',
        portero: shown(did.two),
        beside: `1 worker ${shown(did.one)}`,
        figure: median(did.two.map((m, i) => m.perSecond / did.one[i]!.perSecond)),
        unit: '×',
        target: { atLeast: 1.7 },
        note: 'on two cores the generator takes its share from them',
      },
      {
        work: 'forward-auth, listen.workers 2, two cores for themselves (from CPU time)',
        portero: `${Math.round(2 * median(did.two.map((m) => m.perCoreSecond))).toLocaleString('en')}/s`,
        beside: `1 worker ${Math.round(median(did.one.map((m) => m.perCoreSecond))).toLocaleString('en')}/s`,
        figure: median(did.two.map((m, i) => (2 * m.perCoreSecond) / did.one[i]!.perCoreSecond)),
        unit: '×',
        target: { atLeast: 1.7 },
      },
    ]
  },
}
