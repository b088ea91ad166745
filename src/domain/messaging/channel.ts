/** A way to bring a code to a phone. */
export const channels = ['whatsapp', 'sms', 'voice'] as const

export type Channel = (typeof channels)[number]
