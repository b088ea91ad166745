/** An accent colour in the shades that a page needs, each readable where it stands (WCAG 2.2 §1.4.3: 4.5 to 1). */
export type Accent = {
  /** Filled buttons, and the text on them. */
  readonly fill: string
  readonly onFill: string
  /** Links and marks on the light and on the dark ground. */
  readonly onLight: string
  readonly onDark: string
  /** Filled buttons on the dark ground, and the text on them. */
  readonly darkFill: string
  readonly onDarkFill: string
}

type Rgb = readonly [number, number, number]

/** A deep green-blue. */
export const defaultAccent = '#0f5b66'

/** The grounds that text stands on; `style-sheet.ts` paints them. */
export const grounds = { light: '#f7f3ec', card: '#fffdf9', dark: '#10191b', darkCard: '#182427' } as const

const white: Rgb = [255, 255, 255]
const ink: Rgb = [11, 26, 29]
const black: Rgb = [0, 0, 0]

/** The shades of a colour (`#rrggbb` or `#rgb`; anything else is the default accent), lightened or darkened until they can be read. */
export function accentOf(color: string | undefined): Accent {
  const base = rgbOf(color) ?? rgbOf(defaultAccent)!
  const darkFill = readable(base, [rgbOf(grounds.darkCard)!], white, 3)
  return {
    fill: hex(base),
    onFill: hex(better(base)),
    onLight: hex(readable(base, [rgbOf(grounds.light)!, rgbOf(grounds.card)!], ink, 5)),
    onDark: hex(readable(base, [rgbOf(grounds.dark)!, rgbOf(grounds.darkCard)!], white, 6)),
    darkFill: hex(darkFill),
    onDarkFill: hex(better(darkFill)),
  }
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2 "contrast ratio"). */
export function contrast(a: string, b: string): number {
  return ratio(rgbOf(a)!, rgbOf(b)!)
}

function rgbOf(color: string | undefined): Rgb | undefined {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(color ?? '')
  const digits = short
    ? short.slice(1).map((one) => one + one)
    : /^#(..)(..)(..)$/.exec(color ?? '')?.slice(1)
  if (!digits?.every((two) => /^[\da-f]{2}$/i.test(two))) return undefined
  const [red, green, blue] = digits.map((two) => Number.parseInt(two, 16))
  return [red!, green!, blue!]
}

/** The colour, moved towards `goal` in small steps until it stands out from every ground. */
function readable(color: Rgb, against: readonly Rgb[], goal: Rgb, wanted: number): Rgb {
  for (let step = 0; step <= 20; step++) {
    const mixed = color.map((part, i) => Math.round(part + ((goal[i]! - part) * step) / 20)) as unknown as Rgb
    if (against.every((ground) => ratio(mixed, ground) >= wanted)) return mixed
  }
  return goal
}

/** White or black: of any two colours, one of these reaches 4.58 to 1. */
function better(ground: Rgb): Rgb {
  return ratio(white, ground) >= ratio(black, ground) ? white : black
}

function ratio(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function hex(color: Rgb): string {
  return `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}
