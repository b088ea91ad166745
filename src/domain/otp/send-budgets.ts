import type { SendBudgets } from './challenge-store.ts'
import type { LimitsConfig } from './limits-config.ts'
import type { OtpConfig } from './otp-config.ts'

const minutes = 60
const hour = 60 * minutes
const day = 24 * hour

/** The budgets of one request. `factor` widens what is counted by address, and nothing else. */
export function sendBudgets(limits: LimitsConfig, otp: OtpConfig, factor: number): SendBudgets {
  const wide = (max: number): number => Math.ceil(max * factor)
  return {
    phoneSends: [
      { withinSeconds: 10 * minutes, max: limits.phone_sends_per_10_minutes },
      { withinSeconds: hour, max: limits.phone_sends_per_hour },
      { withinSeconds: day, max: limits.phone_sends_per_day },
    ],
    phoneSendsPerAddressPerDay: wide(limits.phone_sends_per_address_per_day),
    deviceSends: [
      { withinSeconds: 10 * minutes, max: limits.device_sends_per_10_minutes },
      { withinSeconds: day, max: limits.device_sends_per_day },
    ],
    deviceGuessesPerDay: limits.device_guesses_per_day,
    addressSends: [
      { withinSeconds: hour, max: wide(limits.address_sends_per_hour) },
      { withinSeconds: day, max: wide(limits.address_sends_per_day) },
    ],
    networkSendsPerHour: wide(limits.network_sends_per_hour),
    liveChallengesMax: otp.live_challenges,
  }
}
