/**
 * Whether a text is a business-scoped user id of WhatsApp: a country, perhaps `ENT` for several portfolios, and letters and
 * digits. It is what hidden numbers are known by, within this organisation alone.
 */
export function isWhatsappUserId(text: string): boolean {
  return /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.test(text)
}
