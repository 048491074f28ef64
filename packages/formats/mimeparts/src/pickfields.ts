/** HEADER.FIELDS and HEADER.FIELDS.NOT: some fields of a header, with the empty line (RFC 9051 §6.4.5). */

const lineEnd = Buffer.from('\r\n')

/**
 * The fields of a header that are named, or those that are not, as they stand.
 *
 * An empty line ends those that are named, whether the header has one or not; others keep what they have. What is no
 * field is among the others.
 *
 * @param names - in upper case
 */
export function pickFields(header: Buffer, names: readonly string[], others: boolean): Buffer {
  const wanted = new Set(names)
  const picked: Buffer[] = []
  let take = false
  let hasEnd = false
  for (let start = 0; start < header.length; ) {
    const found = header.indexOf(10, start)
    const end = found < 0 ? header.length : found + 1
    const first = header[start]
    if (first === 10 || (first === 13 && end - start === 2)) {
      hasEnd = true
      break
    }
    if (first !== 32 && first !== 9) take = wanted.has(nameIn(header, start, end)) !== others
    if (take) picked.push(header.subarray(start, end))
    start = end
  }
  if (!others && picked.length > 0 && picked.at(-1)?.at(-1) !== 10) picked.push(lineEnd)
  if (!others || hasEnd) picked.push(lineEnd)
  return Buffer.concat(picked)
}

function nameIn(header: Buffer, start: number, end: number): string {
  const line = header.subarray(start, end)
  return line
    .toString('latin1', 0, Math.max(0, line.indexOf(58)))
    .trimEnd()
    .toUpperCase()
}
