import type { Channel } from '../../domain/messaging/channel.ts'
import { type Html, raw } from '../html.ts'

const line =
  'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

function icon(viewBox: string, paths: string): Html {
  return raw(`<svg viewBox="${viewBox}" aria-hidden="true" focusable="false">${paths}</svg>`)
}

export const copyIcon = icon(
  '0 0 24 24',
  `<g ${line}><rect x="9" y="9" width="11" height="11" rx="2.5"/><path d="M15 9V6.5A2.5 2.5 0 0 0 12.5 4h-6A2.5 2.5 0 0 0 4 6.5v6A2.5 2.5 0 0 0 6.5 15H9"/></g>`,
)

export const sendIcon = icon('0 0 24 24', `<path ${line} d="M4 12l16-8-6 16-3-6.500zM11 13.500L20 4"/>`)

export const reloadIcon = icon('0 0 24 24', `<path ${line} d="M20 11a8 8 0 1 0-2.300 6.300M20 5v6h-6"/>`)

export const bubbleIcon = icon(
  '0 0 96 96',
  '<path fill="currentColor" fill-opacity=".13" d="M14 44a30 26 0 0 1 30-26h8a30 26 0 0 1 0 52h-8a34 30 0 0 1-10-1.5L18 76l3-14a25 25 0 0 1-7-18z"/><g fill="currentColor"><circle cx="36" cy="44" r="4"/><circle cx="49" cy="44" r="4"/><circle cx="62" cy="44" r="4"/></g>',
)

/** Signal, network, battery. */
export const batteryIcon = icon(
  '0 0 58 16',
  '<g fill="currentColor"><rect x="0" y="10" width="3" height="5" rx="1"/><rect x="4.5" y="7" width="3" height="8" rx="1"/><rect x="9" y="4" width="3" height="11" rx="1"/><rect x="13.5" y="1" width="3" height="14" rx="1"/><rect x="32.5" y="3.5" width="17" height="9" rx="2"/><path d="M55 6v4a2.2 2.2 0 0 0 0-4z"/></g><rect x="30.5" y="1.5" width="23" height="13" rx="4" fill="none" stroke="currentColor" stroke-opacity=".6"/>',
)

export const channelIcons: Readonly<Record<Channel, Html>> = {
  whatsapp: icon(
    '0 0 24 24',
    `<path ${line} d="M4 20l1.3-4.200A8.3 8.3 0 1 1 8.5 18.900zM9 9c0 3.5 2.5 6 6 6"/>`,
  ),
  sms: icon(
    '0 0 24 24',
    `<path ${line} d="M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zm3.5 6h.01M12 11h.01m3.49 0h.01"/>`,
  ),
  voice: icon(
    '0 0 24 24',
    `<path ${line} d="M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z"/>`,
  ),
}

/** Little doors, keys and stars behind the messages. */
export const wallpaper = raw(
  `<svg class="wallpaper" aria-hidden="true" focusable="false"><defs><pattern id="w" width="84" height="84" patternUnits="userSpaceOnUse" patternTransform="rotate(-8)"><g fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="M12 34V18a8 8 0 0 1 16 0v16zm12-8v.01M9 34h22"/><circle cx="56" cy="22" r="5"/><path d="M61 22h13m-3 0v4m-5-4v3"/><path d="M20 58l2 4.5 4.5 1-4 3 .5 5-3-3-4.5 2 2-4.5-3-3.5 4.5.5z"/><path d="M52 58h18a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-9l-6 4v-4h-3a3 3 0 0 1-3-3v-9a3 3 0 0 1 3-3z"/></g></pattern></defs><rect width="100%" height="100%" fill="url(#w)"/></svg>`,
)
