/** Loop detection: whether this delivery's own Delivered-To line stands in the header already (spec §2.7.2). */

/**
 * Whether a line, with its LF, stands in the header of a message: in front of the first empty line.
 *
 * @param message - all of it, or its pieces, of which no more than the header's are read
 */
export async function headerHas(line: string, message: Buffer | AsyncIterable<Buffer>): Promise<boolean> {
  const wanted = Buffer.from(`\n${line}`, 'latin1')
  if (Buffer.isBuffer(message)) return search(Buffer.concat([lineEnd, message]), wanted) === 'found'
  let kept = lineEnd // the end of what was searched: a line, or the end of the header, may begin in it
  for await (const piece of message) {
    const text = Buffer.concat([kept, piece])
    const result = search(text, wanted)
    if (result !== 'no sign yet') return result === 'found'
    kept = text.subarray(Math.max(0, text.length - wanted.length + 1))
  }
  return false
}

const lineEnd = Buffer.from('\n')
const headerEnd = Buffer.from('\n\n')

function search(text: Buffer, wanted: Buffer): 'found' | 'header ends' | 'no sign yet' {
  const end = text.indexOf(headerEnd)
  const found = text.indexOf(wanted)
  if (found >= 0 && (end < 0 || found < end)) return 'found'
  return end < 0 ? 'no sign yet' : 'header ends'
}
