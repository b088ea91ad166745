import type { Config } from '../../config/config.ts'
import { deliveryOrder, knownProviders } from '../../config/delivery-providers.ts'
import { isDemo } from '../../config/demo.ts'
import type { ConfigProblem } from '../../config/problem.ts'
import { isLoopbackHost } from '../../lib/web-url.ts'
import { assistantWarning } from '../assistant-countries.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

/** A configuration that cannot be used, thing by thing; nothing else can be looked at then. */
export function judgeConfigProblem(problem: ConfigProblem): Finding[] {
  return problem.findings.map(({ text }) =>
    fault(text, 'Every key is explained in docs/reference/configuration.md.'),
  )
}

/** What a configuration that can be used may still not be meant to be. */
export function judgeSettings(config: Config): Finding[] {
  return [
    ok('The configuration can be used.'),
    ...judgeDemo(config),
    ...judgeDelivery(config),
    ...judgeAssistant(config),
  ]
}

function judgeDemo(config: Config): Finding[] {
  const { demo } = isDemo(config)
  if (!demo) return []
  const { public_url, listen } = config
  const isShown = public_url !== undefined && !isLoopbackHost(new URL(public_url).hostname)
  const cure = 'Set demo to false (PORTERO_DEMO=false) and configure a delivery.'
  if (isShown)
    return [
      fault('The demo runs at a public address: it shows codes to everybody, who can be anybody.', cure),
    ]
  if (!isLoopbackHost(listen.host)) {
    return [warning('The demo listens to other machines: it shows codes to everybody there.', cure)]
  }
  return [warning('This is the demo: codes go to phones on the screen, and to nobody else.', cure)]
}

function judgeAssistant(config: Config): Finding[] {
  const found = assistantWarning(config)
  return found === undefined ? [] : [warning(found.what, found.cure)]
}

function judgeDelivery(config: Config): Finding[] {
  if (isDemo(config).demo) return []
  const order = deliveryOrder(config)
  const isReal = knownProviders.some(({ name, isReal }) => isReal && order.includes(name))
  if (isReal) return [ok(`Codes go out by ${order.join(', then ')}.`)]
  if (order.length === 0)
    return [ok('No code is sent: people sign in by a message that they send on WhatsApp.')]
  return [
    warning(
      'No code reaches a phone: they are printed to the terminal or the log, where others may read them.',
      'Configure a provider under delivery, and take delivery.console (PORTERO_DELIVERY__CONSOLE) away.',
    ),
  ]
}
