/**
 * The envelope of a message: one sender and its recipients, on the wire and in queue files.
 *
 * Addresses are byte strings without NUL. See spec §1.2 for todo/, spec §2.1 for the wire form.
 */
import { Trouble } from '@yabumi/trouble'

export { EnvelopeScanner, type ScanResult } from './scanner.ts'

/** Where a message comes from and where it goes. The empty sender marks a bounce (RFC 5321 §4.5.5). */
export interface Envelope {
  readonly sender: string
  readonly recipients: readonly string[]
}

/** The wire form, as a submitter writes it for queue: `F` sender NUL, `T` recipient NUL for each, one more NUL. */
export function encodeEnvelope(envelope: Envelope): Buffer {
  const recipients = envelope.recipients.map((recipient) => `T${recipient}\0`).join('')
  return Buffer.from(`F${envelope.sender}\0${recipients}\0`, 'latin1')
}

/** What todo/ and intd/ files hold. */
export interface TodoRecord extends Envelope {
  /** Real user of the process that queued the message; only for the log. */
  readonly uid: string
  /** Its process number, or the message's own number if it came by the queue socket; only for the log. */
  readonly pid: string
}

/**
 * Decode a todo/ file: NUL-terminated records in any order, each a letter (u p F T) and text.
 *
 * @throws Trouble 4.3.0 for an unknown letter or a record cut short
 */
export function decodeTodo(bytes: Buffer): TodoRecord {
  const text = bytes.toString('latin1')
  let uid = '0'
  let pid = '0'
  let sender = ''
  const recipients: string[] = []
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\0', start)
    if (end < 0) throw new Trouble('4.3.0', 'queue record is cut short')
    const value = text.slice(start + 1, end)
    switch (text[start]) {
      case 'u':
        uid = value
        break
      case 'p':
        pid = value
        break
      case 'F':
        sender = value
        break
      case 'T':
        recipients.push(value)
        break
      default:
        throw new Trouble('4.3.0', 'unknown record type in queue file')
    }
    start = end + 1
  }
  return { uid, pid, sender, recipients }
}
