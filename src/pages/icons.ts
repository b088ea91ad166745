import { type Html, raw } from './html.ts'

const line =
  'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

function icon(viewBox: string, paths: string, className = ''): Html {
  const named = className === '' ? '' : ` class="${className}"`
  return raw(`<svg${named} viewBox="${viewBox}" aria-hidden="true" focusable="false">${paths}</svg>`)
}

/** The mark of a Portero without a logo: an open door with light in it. */
export const doorMark = icon(
  '0 0 40 40',
  '<path fill="currentColor" fill-opacity=".16" d="M8 36V14a12 12 0 0 1 24 0v22z"/><path fill="currentColor" d="M8 36V14A12 12 0 0 1 20 2v34z"/><circle cx="15.5" cy="21" r="1.9" fill="var(--ground,#fff)"/><path stroke="currentColor" stroke-width="2.5" stroke-linecap="round" d="M4 36.5h32"/>',
  'mark',
)

export const wrongIcon = icon(
  '0 0 24 24',
  `<g ${line}><circle cx="12" cy="12" r="9.5"/><path d="M12 7v6m0 4v.01"/></g>`,
)

export const doneIcon = icon(
  '0 0 24 24',
  `<g ${line}><circle cx="12" cy="12" r="9.5"/><path d="m7.5 12.5 3 3 6-7"/></g>`,
)

export const chevronIcon = icon('0 0 24 24', `<path ${line} d="m6 9 6 6 6-6"/>`)

/** Pictures for pages that tell rather than ask. */
export const art = {
  wait: icon(
    '0 0 96 96',
    '<circle cx="48" cy="48" r="46" fill="currentColor" fill-opacity=".1"/><g fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"><circle cx="48" cy="48" r="25"/><path d="M48 33v15l10 7"/></g>',
    'art',
  ),
  closed: icon(
    '0 0 96 96',
    '<circle cx="48" cy="48" r="46" fill="currentColor" fill-opacity=".1"/><path fill="currentColor" d="M30 74V42a18 18 0 0 1 36 0v32z"/><circle cx="58" cy="54" r="3" fill="var(--card)"/><path stroke="currentColor" stroke-width="4" stroke-linecap="round" d="M22 74h52"/>',
    'art',
  ),
  open: icon(
    '0 0 96 96',
    '<circle cx="48" cy="48" r="46" fill="currentColor" fill-opacity=".1"/><path fill="currentColor" fill-opacity=".22" d="M30 74V42a18 18 0 0 1 36 0v32z"/><path fill="currentColor" d="M30 74V42a18 18 0 0 1 18-18v50z"/><circle cx="42" cy="52" r="2.6" fill="var(--card)"/><path stroke="currentColor" stroke-width="4" stroke-linecap="round" d="M22 74h52"/>',
    'art',
  ),
  link: icon(
    '0 0 96 96',
    '<circle cx="48" cy="48" r="46" fill="currentColor" fill-opacity=".1"/><g fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"><path d="M43 55 55 43m-9-4 6-6a11 11 0 0 1 15 15l-6 6m-11 3-6 6a11 11 0 0 1-15-15l6-6"/></g>',
    'art',
  ),
  cable: icon(
    '0 0 96 96',
    '<circle cx="48" cy="48" r="46" fill="currentColor" fill-opacity=".1"/><g fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"><path d="M18 48h14m32 0h14M32 36v24h6a10 10 0 0 0 10-10v-4a10 10 0 0 0-10-10zm32 2h-8m8 20h-8m8-24v28"/></g>',
    'art',
  ),
} as const

export type Art = keyof typeof art
