/** The lines of users/assign. One that is no assignment is named by its number, and nothing comes of the others. */
import { lowerCase } from '@yabumi/address'

/** A record of users/cdb. */
export type UserRecord = readonly [key: Buffer, data: Buffer]

const fields = 6 // user, uid, gid, home, dash, extension
const form = '=NAME:USER:UID:GID:HOME:DASH:EXTENSION:, or + in place of ='

/**
 * The records of users/cdb that the text of users/assign stands for, in order (spec §7.2): one a line up to a line that
 * begins with a dot, then, under the empty key, the bytes that end a wildcard.
 *
 * The keys are in lower case, those last bytes are not: as in qmail, a wildcard that ends in a capital never matches.
 *
 * @param text - byte string
 * @throws Error for a line of another form, and if the line with the dot is missing; it says which line
 */
export function parseAssignments(text: string): UserRecord[] {
  const records: UserRecord[] = []
  let wildEnds = ''
  let number = 0
  for (const line of linesBeforeDot(text.replace(/^\xef\xbb\xbf/, ''))) {
    number += 1
    const colon = line.indexOf(':')
    if (!/^[=+]/.test(line) || colon < 0 || line.includes('\0')) throw new Error(`line ${number} is no assignment: ${form}`)
    const name = line.slice(1, colon)
    const key = `!${lowerCase(name)}`
    const wild = line[0] === '+'
    const last = name.at(-1)
    if (wild && last !== undefined && !wildEnds.includes(last)) wildEnds += last
    const values = line.slice(colon + 1).split(':')
    if (values.length <= fields)
      throw new Error(`line ${number} has ${values.length} fields after the name, and wants ${fields + 1}: ${form}`)
    if (!values.slice(1, 3).every((id) => /^[0-9]+$/.test(id))) throw new Error(`line ${number} has no number as uid or gid: ${form}`)
    records.push([bytes(wild ? key : `${key}\0`), bytes(values.slice(0, fields).join('\0'))])
  }
  records.push([Buffer.alloc(0), bytes(wildEnds)])
  return records
}

/** The lines of a text up to the dot that ends it. @throws Error if that is missing */
export function beforeDot(text: string): string {
  return Array.from(linesBeforeDot(text.replace(/^\xef\xbb\xbf/, '')), (line) => `${line}\n`).join('')
}

function* linesBeforeDot(text: string): Generator<string> {
  for (let start = 0; text[start] !== '.'; ) {
    const end = text.indexOf('\n', start)
    if (end < 0) throw new Error('the last line must be a dot')
    yield text.slice(start, end)
    start = end + 1
  }
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
