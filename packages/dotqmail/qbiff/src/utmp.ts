/** The file of logins, as the C library writes it (utmp(5)): records of one size. */

const userProcess = 7
/** Machines whose records have 64-bit times; where they are the same, the records of 32-bit programs are kept. */
const wide = new Set(['arm64', 'riscv64', 'loong64'])
const recordBytes = wide.has(process.arch) ? 400 : 384
const line = { from: 8, to: 40 }
const name = { from: 44, to: 76 }

/** The terminals where a user is logged in, in the order of the file; paths below /dev, as byte strings. */
export function loginsOf(file: Buffer, user: string): string[] {
  const lines: string[] = []
  for (let at = 0; at + recordBytes <= file.length; at += recordBytes) {
    const record = file.subarray(at, at + recordBytes)
    if (record.readInt16LE(0) === userProcess && textIn(record, name) === user) lines.push(textIn(record, line))
  }
  return lines
}

/** A text that ends at a NUL, or fills its place. */
function textIn(record: Buffer, place: { from: number; to: number }): string {
  const text = record.toString('latin1', place.from, place.to)
  const nul = text.indexOf('\0')
  return nul < 0 ? text : text.slice(0, nul)
}
