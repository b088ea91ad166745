import { call } from './call.ts'
import { until } from './until.ts'

/** A phone of the demo's simulator, without a browser: what it writes, and what the bot answers to it. */
export function openSimulatedPhone(url: string, phone: string) {
  const page = `${url}/_portero/demo?phone=${encodeURIComponent(phone)}`
  /** What the bot has said to it, oldest first. */
  async function heard(): Promise<string[]> {
    const { text } = await call(page)
    const bubbles = text.matchAll(/<div class="bubble whatsapp bot"[\s\S]*?<p>([\s\S]*?)<\/p>/g)
    return [...bubbles].map(([, said]) => said!)
  }
  return {
    phone,
    heard,
    /** Writes, and answers with what came back. */
    async say(text: string): Promise<string> {
      const before = (await heard()).length
      await call(`${url}/_portero/demo/messages`, { form: { phone, text }, headers: { origin: url } })
      await until(async () => (await heard()).length > before)
      return (await heard()).slice(before).join('\n')
    },
  }
}
