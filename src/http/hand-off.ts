/** Where a browser gets its session with the app behind. */
export const handOffPath = '/_portero/handoff'

/** Name of the cookie by which a browser says, for a few seconds, that it has just been there. */
export const handedOffCookie = 'portero_handed_off'
