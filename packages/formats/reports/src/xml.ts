/**
 * XML as far as reports need it: elements and their text, read in one pass.
 *
 * A document type is refused, so there are no entities but those of XML itself (XML 1.0, 4.6), and nothing grows.
 * Attributes are passed over, and prefixes of name spaces. What is not well-formed is refused.
 *
 * Bound   elements one inside the other and all of them; time and memory are linear in the bytes
 */
import { xmlDepth, xmlElements } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'

export interface Element {
  /** Without its prefix. */
  readonly name: string
  readonly children: readonly Element[]
  /** Its own, without white space around it; that of its children is not in it. */
  readonly text: string
}

interface Open {
  readonly tag: string
  readonly children: Element[]
  readonly text: string[]
}

// Each is tried where the last one ended. Between < and > nothing overlaps, so none of them goes back far.
const nameForm = '[A-Za-z_:\\u0080-\\uffff][A-Za-z0-9_:.\\u0080-\\uffff-]*'
const startTag = new RegExp(`<(${nameForm})((?:\\s+${nameForm}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, 'y')
const endTag = new RegExp(`</(${nameForm})\\s*>`, 'y')
const declaration = /<\?xml\s[^<>?]*\?>/y
const passedOver: readonly (readonly [start: string, end: string])[] = [
  ['<!--', '-->'],
  ['<?', '?>'],
]
const cdataStart = '<![CDATA['
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * @param bytes - UTF-8
 * @returns the element that holds all others
 * @throws Trouble 5.6.0 for what is no such document
 */
export function readXml(bytes: Buffer): Element {
  const text = decode(bytes)
  const open: Open[] = [{ tag: '', children: [], text: [] }]
  let count = 0
  let at = declared(text)
  while (at < text.length) {
    const parent = open.at(-1) as Open
    const next = text.indexOf('<', at)
    const plain = text.slice(at, next < 0 ? text.length : next)
    parent.text.push(resolved(plain))
    if (next < 0) break
    at = next
    const skipped = passedOver.find(([start]) => text.startsWith(start, at))
    if (skipped !== undefined) at = after(text, skipped[1], at + skipped[0].length)
    else if (text.startsWith(cdataStart, at)) {
      const end = after(text, ']]>', at)
      parent.text.push(text.slice(at + cdataStart.length, end - ']]>'.length))
      at = end
    } else if (text[at + 1] === '/') {
      const tag = match(endTag, text, at)
      if (tag[1] !== parent.tag || open.length === 1) throw refusal('an end tag without its start')
      open.pop()
      open.at(-1)?.children.push(elementOf(parent))
      at += tag[0].length
    } else {
      const [whole, tag = '', , closes] = match(startTag, text, at)
      count += 1
      if (count > xmlElements || open.length > xmlDepth) throw refusal('too many elements')
      if (open.length === 1 && parent.children.length > 0) throw refusal('more than one element that holds all')
      const element: Open = { tag, children: [], text: [] }
      if (closes === '/') parent.children.push(elementOf(element))
      else open.push(element)
      at += whole.length
    }
  }
  const [document] = open
  const [root] = document?.children ?? []
  if (open.length > 1 || root === undefined || document?.text.join('').trim() !== '') throw refusal('no whole document')
  return root
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trimStart()
  } catch {
    throw refusal('not UTF-8')
  }
}

/** Where the declaration ends, if there is one. */
function declared(text: string): number {
  declaration.lastIndex = 0
  return declaration.exec(text)?.[0].length ?? 0
}

function match(form: RegExp, text: string, at: number): RegExpExecArray {
  form.lastIndex = at
  const found = form.exec(text)
  if (found === null) throw refusal(text.startsWith('<!', at) ? 'a document type' : 'a broken tag')
  return found
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from)
  if (at < 0) throw refusal('no end of a comment')
  return at + end.length
}

function resolved(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]{1,4}))?(;?)/g, (whole, decimal, hex, name, end) => {
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    const value = name === undefined ? characterOf(code) : Object.hasOwn(entities, name) ? entities[name] : undefined
    if (value === undefined || end === '') throw refusal(`an unknown entity ${String(whole)}`)
    return value
  })
}

function characterOf(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

function elementOf({ tag, children, text }: Open): Element {
  return { name: tag.slice(tag.indexOf(':') + 1), children, text: text.join('').trim() }
}

function refusal(what: string): Trouble {
  return new Trouble('5.6.0', `XML that cannot be read: ${what}`)
}

/** The first child of a name. */
export function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name)
}

/** The text of the first child of a name; undefined where that is empty or not there. */
export function textOf(element: Element | undefined, name: string): string | undefined {
  return childOf(element, name)?.text || undefined
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A text as it stands in an element or attribute; characters that XML does not have are left out (XML 1.0, 2.2). */
export function escapeXml(text: string): string {
  const valid = text.toWellFormed().replaceAll(/[^\t\n\r -\ufffd]/g, '')
  return valid.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '')
}
