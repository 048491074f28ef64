/** Which bytes of the file a section of FETCH is (RFC 9051 §6.4.5). */
import type { Section } from '@yabumi/imapwire'
import type { Extent, Part } from './part.ts'

/** Nothing: of a part that is not there. */
const none: Extent = { start: 0, end: 0, sizeBytes: 0, lines: 0 }

/**
 * The part that numbers name; undefined if there is none.
 *
 * What is no multipart is its own part 1, and only a message has more numbers behind that: those of what is in it.
 */
export function partOf(root: Part, numbers: readonly number[]): Part | undefined {
  let part = root
  for (const [at, number] of numbers.entries()) {
    const goesOn = at < numbers.length - 1
    let found = part.kind === 'multipart' ? part.children[number - 1] : number === 1 ? part : undefined
    if (goesOn && found?.kind === 'message') found = found.children[0]
    else if (goesOn && part.kind !== 'multipart') found = undefined
    if (found === undefined) return undefined
    part = found
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
