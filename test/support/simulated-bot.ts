import type { SimulatorDelivery } from '../../src/adapters/delivery/simulator.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'

/** What a phone of the simulator writes to, without a bot: says back what came, with two buttons. */
export async function sayBack(
  simulator: SimulatorDelivery,
  phone: PhoneNumber,
  text: string,
  button: string | undefined,
): Promise<void> {
  simulator.write(phone, text)
  const buttons = [
    { id: 'n1:juan', title: 'Juan' },
    { id: 'n1:other', title: 'Otra persona' },
  ]
  const reply = { text: button === undefined ? `eco: ${text}` : `botón: ${button}`, buttons }
  await simulator.chat.send(
    { id: '1', chatKey: `simulator:${phone}`, channel: 'simulator', address: phone, reply, attempts: 1 },
    AbortSignal.timeout(1000),
  )
}
