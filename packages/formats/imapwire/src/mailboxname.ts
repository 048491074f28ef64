/**
 * Names of mailboxes: modified UTF-7 on the wire and on the disk, UTF-8 where a client enabled it (RFC 3501 §5.1.3).
 *
 * One name has one spelling. So printable ASCII is never encoded, shifts stand not side by side, no bit is left over,
 * and surrogates come in pairs.
 */
import { isUtf8 } from 'node:buffer'

/** A name in modified UTF-7 as text; undefined if it is none. */
export function decodeMailboxName(name: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(name)) return undefined
  let text = ''
  let at = 0
  let shiftEnded = -1
  for (;;) {
    const shift = name.indexOf('&', at)
    if (shift < 0) return text + name.slice(at)
    const end = name.indexOf('-', shift)
    if (end < 0) return undefined
    text += name.slice(at, shift)
    if (end === shift + 1) text += '&'
    else {
      const decoded = shift === shiftEnded ? undefined : decodeShift(name.slice(shift + 1, end))
      if (decoded === undefined) return undefined
      text += decoded
      shiftEnded = end + 1
    }
    at = end + 1
  }
}

/** A text as a name in modified UTF-7. */
export function encodeMailboxName(text: string): string {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) => (run === '&' ? '&-' : `&${encodeShift(run)}-`))
}

/**
 * What a client wrote as a name, as the name in modified UTF-7.
 *
 * @param written - a character a byte
 * @param utf8 - the client has enabled UTF-8: it writes that, without `&` having a meaning
 * @returns undefined if it is none; with CR, LF, tabs and other controls it never is
 */
export function readMailboxName(written: string, utf8: boolean): string | undefined {
  if (!utf8) return decodeMailboxName(written) === undefined ? undefined : written
  const bytes = Buffer.from(written, 'latin1')
  if (!isUtf8(bytes)) return undefined
  const text = bytes.toString('utf8')
  return /[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]/.test(text) ? undefined : encodeMailboxName(text.normalize('NFC'))
}

/** A name in modified UTF-7 as such a client reads it, a character a byte; a broken one stays as it is. */
export function showMailboxName(name: string, utf8: boolean): string {
  const text = utf8 ? decodeMailboxName(name) : undefined
  return text === undefined ? name : Buffer.from(text, 'utf8').toString('latin1')
}

function decodeShift(shift: string): string | undefined {
  if (!/^[A-Za-z0-9+,]+$/.test(shift) || shift.length % 4 === 1) return undefined
  const bytes = Buffer.from(shift.replaceAll(',', '/'), 'base64')
  if (bytes.length % 2 !== 0) return undefined
  const text = bytes.swap16().toString('utf16le')
  return text.isWellFormed() && !/[\x20-\x7e]/.test(text) && encodeShift(text) === shift ? text : undefined
}

function encodeShift(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('base64').replaceAll('=', '').replaceAll('/', ',')
}
