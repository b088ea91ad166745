import type { Config } from '../config/config.ts'

/** The address of Portero's own account in the application behind. Those of people begin otherwise. */
export function serviceEmail({ people }: Pick<Config, 'people'>): string {
  return `portero@${people.email_domain}`
}
