import { expect, test } from 'vitest'
import { type Fragment, html, markupOf, raw } from './html.ts'

test('escapes what is put in, in elements and in attributes', () => {
  const evil = `"><script>alert('x')</script>&\``
  expect(markupOf(html`<p title="${evil}">${evil}</p>`)).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#96;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#96;</p>',
  )
})

test('takes markup as it is, once', () => {
  const inner = html`<b>${'a<b'}</b>`
  expect(markupOf(html`<p>${inner}${raw('<i>')}</p>`)).toBe('<p><b>a&lt;b</b><i></p>')
})

test('joins lists and leaves out what is not there', () => {
  expect(markupOf(html`${['<', html`<br>`, 0]}${undefined}${false}`)).toBe('&lt;<br>0')
})

test('cannot be fooled by an object that looks like markup', () => {
  const pretender = JSON.parse('{"markup":"<script>","Symbol(markup)":"<script>"}') as Fragment
  expect(() => markupOf(pretender)).toThrow()
})
