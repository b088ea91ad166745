const markup = Symbol('markup')

/** Text that is safe to stand in a page as it is. Made by `html` and `raw` alone: no JSON can pretend to be one. */
export type Html = { readonly [markup]: string }

/** What a template takes: text is escaped, markup is not, nothing (`undefined`, `false`) stays out, lists are joined. */
export type Fragment = Html | string | number | undefined | false | readonly Fragment[]

/** A piece of a page; everything put into it is escaped, for elements and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...fragments: Fragment[]): Html {
  let text = strings[0]!
  for (const [i, fragment] of fragments.entries()) text += markupOf(fragment) + strings[i + 1]
  return { [markup]: text }
}

/** Markup of our own making, taken as it is. Never for anything that came from outside. */
export function raw(text: string): Html {
  return { [markup]: text }
}

/** The text of a piece of a page. */
export function markupOf(fragment: Fragment): string {
  if (fragment === undefined || fragment === false) return ''
  if (typeof fragment === 'string') return escaped(fragment)
  if (typeof fragment === 'number') return String(fragment)
  if (markup in fragment) return fragment[markup]
  return fragment.map(markupOf).join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character]!)
}
