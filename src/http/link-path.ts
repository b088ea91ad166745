/** Where one-time links lead, with the token after a slash. */
export const linkPath = '/_portero/l'
