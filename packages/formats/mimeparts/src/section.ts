/** Which bytes of the file a section of FETCH is (RFC 9051 §6.4.5). */
import type { Section } from '@yabumi/imapwire'
import type { Extent, Part } from './part.ts'

/** Nothing: of a part that is not there. */
const none: Extent = { start: 0, end: 0, sizeBytes: 0, lines: 0 }

/** The part that numbers name; undefined if there is none. A part that is no multipart is its own part 1, once. */
export function partOf(root: Part, numbers: readonly number[]): Part | undefined {
  let part = root
  let depth = 0
  let isItself = false
  for (const number of numbers) {
    const within: Part = part.kind === 'message' && depth > 0 ? (part.children[0] ?? part) : part
    if (within.kind === 'multipart') {
      const child = within.children[number - 1]
      if (child === undefined) return undefined
      part = child
    } else if (number === 1 && (depth === 0 || within !== part || root.kind === 'multipart')) {
      if (within === part && isItself) return undefined
      isItself = within === part
      part = within
    } else return undefined
    depth += 1
  }
  return part
}

/**
 * Where a section lies; HEADER.FIELDS is the whole header, of which pickFields() takes some.
 *
 * A part that is not there has no bytes, and so has the header of a part that is no message.
 */
export function sectionExtent(root: Part, { part: numbers, text }: Section): Extent {
  if (numbers.length === 0) return text === '' ? whole(root) : text === 'TEXT' ? root.body : root.header
  const part = partOf(root, numbers)
  if (part === undefined) return none
  if (text === '') return part.body
  if (text === 'MIME') return part.header
  const inner = part.kind === 'message' ? part.children[0] : undefined
  if (inner === undefined) return none
  return text === 'TEXT' ? inner.body : inner.header
}

function whole({ header, body }: Part): Extent {
  return { start: header.start, end: body.end, sizeBytes: header.sizeBytes + body.sizeBytes, lines: header.lines + body.lines }
}
