import { expect, test } from 'vitest'
import {
  deliveryProviderContract,
  sampleMessage,
} from '../../../test/contracts/delivery-provider.contract.ts'
import { consoleDelivery } from './console.ts'

deliveryProviderContract(
  'console',
  async (behaviour) => {
    const written: string[] = []
    const provider = consoleDelivery((lines) => {
      written.push(lines)
      if (behaviour.kind === 'fails') throw new Error('the terminal is gone')
    })
    return { provider, attempts: () => written.length, logged: () => '' }
  },
  { failures: ['unavailable'], canHang: false },
)

test('writes the channel, the number and the text for the developer to read', async () => {
  const written: string[] = []
  const provider = consoleDelivery((lines) => written.push(lines))
  const message = sampleMessage(provider)
  await provider.send(message, AbortSignal.timeout(1000))
  expect(written.join('')).toContain(`whatsapp to ${message.to}`)
  expect(written.join('')).toContain(message.text)
})
