/** Channels on which whoever writes waits for the answer: nothing is sent to them, and nothing is waited for. */
export const synchronousChannels: ReadonlySet<string> = new Set(['http', 'terminal'])
