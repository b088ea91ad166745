import type { Config } from '../config/config.ts'

/** The address of Portero's own account in the application behind. Those of people begin otherwise. */
export function serviceEmail({ people }: Pick<Config, 'people'>): string {
  return `portero@${people.email_domain}`
}

/** The address of the account there that stands for whoever asks the bot and is not surely known. */
export function guestEmail({ people }: Pick<Config, 'people'>): string {
  return `guest@${people.email_domain}`
}
