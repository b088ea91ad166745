import { encode } from 'uqr'
import { type Html, html } from './html.ts'

/** Light around the code, in modules, as scanners want it (ISO/IEC 18004). */
const quiet = 4

/** A text as a QR code, drawn row by row: dark on light in every colour scheme, since many scanners read no other. */
export function qrCode(text: string, label: Html): Html {
  const { data, size } = encode(text, { ecc: 'L', border: 0 })
  const side = size + 2 * quiet
  const rows = data.map((row, y) => drawn(row, y)).join('')
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path stroke="#000" d="${rows}"/></svg>`
}

/** One row as strokes, each from where the one before it ended. */
function drawn(row: readonly boolean[], y: number): string {
  let path = `M${quiet} ${y + quiet}.5`
  let gap = 0
  for (let x = 0; x < row.length; ) {
    const isDark = row[x]
    let length = 1
    while (x + length < row.length && row[x + length] === isDark) length++
    if (isDark) path += `${gap === 0 ? '' : `m${gap} 0`}h${length}`
    gap = isDark ? 0 : length
    x += length
  }
  return path
}
