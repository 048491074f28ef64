/** The text of a page of HTML, for previews: without tags, style sheets and scripts. Each byte is looked at once. */
import { entityText } from './entities.ts'

/** A quotation begins a line of its own, with `> `; other tags become a blank. An entity or tag without an end is left out. */
export function htmlText(html: string): string {
  const out: string[] = []
  let depth = 0
  let at = 0
  while (at < html.length) {
    const special = /[<&]/g
    special.lastIndex = at
    const found = special.exec(html)
    out.push(html.slice(at, found?.index))
    if (found === null) break
    const start = found.index
    if (found[0] === '&') {
      const end = entityEnd(html, start + 1)
      if (html[end] === ';') out.push(entityText(html.slice(start + 1, end)))
      at = end + (html[end] === ';' ? 1 : 0)
    } else if (html.startsWith('<![CDATA[', start)) {
      const end = indexOf(html, ']]>', start)
      out.push(html.slice(start + 9, end).replace(/\]{1,2}$/, ''))
      at = end + 3
    } else {
      const tag = tagAt(html, start)
      at = tag.end
      if (at >= html.length && html.at(-1) !== '>') break
      if (tag.name === 'blockquote' || (tag.name === '/blockquote' && depth > 0)) {
        depth += tag.name === 'blockquote' ? 1 : -1
        out.push(depth > 0 ? '\n> ' : '\n')
      } else if (tag.name !== '/blockquote') out.push(' ')
    }
  }
  return out.join('')
}

/** Longest name of an entity. */
const entityLength = 32

function entityEnd(html: string, start: number): number {
  let end = start
  while (end < html.length && end - start < entityLength && /[\w#]/.test(html[end] as string)) end += 1
  return end
}

/** The name of a tag, and where what follows it begins: after a style sheet or script, too. */
function tagAt(html: string, start: number): { readonly name: string; readonly end: number } {
  if (html.startsWith('<!--', start)) return { name: '!', end: indexOf(html, '-->', start + 4) + 3 }
  const name = (/^[^\s>]{0,20}/.exec(html.slice(start + 1, start + 21))?.[0] ?? '').toLowerCase().replace(/\/$/, '')
  const end = indexOf(html, '>', start) + 1
  if (name !== 'style' && name !== 'script') return { name, end }
  const closing = new RegExp(`</${name}\\s*>`, 'gi')
  closing.lastIndex = end
  const found = closing.exec(html)
  return { name, end: found === null ? html.length : closing.lastIndex }
}

function indexOf(text: string, what: string, start: number): number {
  const at = text.indexOf(what, start)
  return at < 0 ? text.length : at
}
