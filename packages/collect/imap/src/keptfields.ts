/**
 * The fields of a header that are kept in the cache: those that clients ask for in lists of messages, and that searches
 * look at.
 */

const names =
  'From Sender Reply-To To Cc Bcc Subject Date Message-ID In-Reply-To References Content-Type Content-Description List-Id List-Post' +
  ' List-Unsubscribe Disposition-Notification-To Importance Priority X-Priority X-Label Lines Newsgroups MIME-Version'

/** In upper case. */
export const keptFields: ReadonlySet<string> = new Set(names.toUpperCase().split(' '))

/** Fields of certain names, as they stand. @param fields - whole fields with CRLF. @param wanted - names in upper case */
export function pickKept(fields: string, wanted: ReadonlySet<string>): string {
  let picked = ''
  for (const [start, colon, end] of extents(fields)) if (wanted.has(nameAt(fields, start, colon))) picked += fields.slice(start, end)
  return picked
}

/** Values of the fields of one name, without the line ends of folds. @param fields - as above */
export function keptValues(fields: string, name: string): string[] {
  const values: string[] = []
  for (const [start, colon, end] of extents(fields)) {
    if (nameAt(fields, start, colon) !== name) continue
    values.push(
      fields
        .slice(colon + 1, end)
        .replaceAll('\r\n', '')
        .trim(),
    )
  }
  return values
}

function nameAt(fields: string, start: number, colon: number): string {
  return fields.slice(start, colon).trimEnd().toUpperCase()
}

/** Where fields begin, where their names end, and where the next one begins. */
function extents(fields: string): [start: number, colon: number, end: number][] {
  const found: [number, number, number][] = []
  for (let start = 0; start < fields.length; ) {
    let end = fields.indexOf('\r\n', start) + 2
    while (isFold(fields.charCodeAt(end))) end = fields.indexOf('\r\n', end) + 2
    found.push([start, fields.indexOf(':', start), end])
    start = end
  }
  return found
}

function isFold(code: number): boolean {
  return code === 32 || code === 9
}
