/**
 * The text of dovecot-uidlist (spec §26.3): a header, then a line a message. Versions 3 and 1 are read, 3 is written.
 *
 *     3 V<uidvalidity> N<nextuid> G<guid>[ <K><value>]...
 *     <uid>[ <K><value>]... :<base>
 *
 * Trust   nobody: the file is anybody's who may write the Maildir. What cannot be read ends the list; see `broken`
 * Bound   linear in the bytes of the file
 */

export interface Header {
  readonly uidValidity: number
  /** The next UID when the header was written; records may be ahead of it. */
  readonly nextUid: number
  /** 32 hexadecimal digits, or empty if the file has none yet. */
  readonly guid: string
  /** Fields that we do not know, each a letter and its value, in their order. */
  readonly rest: readonly string[]
  readonly version: 1 | 3
}

export interface UidRecord {
  readonly uid: number
  /** Extension fields as they stand, `S41 W44`, or empty. */
  readonly fields: string
  readonly base: string
}

export const largestUid = 4_294_967_294

/** The first line, without its line end. @returns undefined if no UID of such a file can be believed */
export function parseHeader(line: string): Header | undefined {
  if (line.startsWith('1 ')) {
    const [, validity, next, ...more] = line.split(' ')
    return more.length > 0 ? undefined : headerOf(numberOf(validity), numberOf(next), '', [], 1)
  }
  if (!line.startsWith('3 ')) return undefined
  const fields = line.slice(2).split(' ').filter(Boolean)
  const value = (key: string): string | undefined => fields.find((field) => field.startsWith(key))?.slice(1)
  const guid = value('G') ?? ''
  const rest = fields.filter((field) => !/^[VNG]/.test(field))
  return headerOf(numberOf(value('V')), numberOf(value('N')), /^[0-9a-f]{32}$/i.test(guid) ? guid.toLowerCase() : '', rest, 3)
}

function headerOf(validity: number, next: number, guid: string, rest: readonly string[], version: 1 | 3): Header | undefined {
  if (validity < 1 || validity > 4_294_967_295 || next < 1 || next > largestUid + 1) return undefined
  return { uidValidity: validity, nextUid: next, guid, rest, version }
}

/** A line of the list, without its line end. @returns undefined if it is none */
export function parseRecord(line: string, version: 1 | 3): UidRecord | undefined {
  const blank = line.indexOf(' ')
  const uid = numberOf(line.slice(0, blank))
  if (blank < 1 || uid < 1 || uid > largestUid) return undefined
  const mark = version === 1 ? blank + 1 : line.indexOf(':', blank) + 1
  if (mark === 0 || (version === 3 && line[mark - 2] !== ' ')) return undefined
  const info = line.indexOf(':', mark)
  const base = line.slice(mark, info === -1 ? undefined : info)
  if (base === '' || base.includes('/') || base.startsWith('.')) return undefined
  return { uid, fields: version === 1 ? '' : line.slice(blank + 1, mark - 1).trim(), base }
}

export function headerLine({ uidValidity, nextUid, guid, rest }: Header): string {
  return `${['3', `V${uidValidity}`, `N${nextUid}`, `G${guid}`, ...rest].join(' ')}\n`
}

export function recordLine(uid: number, fields: string, base: string): string {
  return `${uid}${fields === '' ? '' : ` ${fields}`} :${base}\n`
}

/** The value of one extension field, `S` for the size, or undefined. */
export function fieldOf(fields: string, key: string): string | undefined {
  if (fields === '') return undefined
  return fields
    .split(' ')
    .find((field) => field.startsWith(key))
    ?.slice(1)
}

/** A decimal number of at most ten digits, else 0. */
export function numberOf(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : 0
}
