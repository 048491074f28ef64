/** ENVELOPE: what the header says of who wrote what to whom, in IMAP's words (RFC 9051 §7.5.2). */
import { writeNstring, writeString } from '@yabumi/imapwire'
import { type Address, parseAddresses } from './addresses.ts'

/** Names of the fields that ENVELOPE needs, in lower case. */
export const envelopeFields: ReadonlySet<string> = new Set('date subject from sender reply-to to cc bcc in-reply-to message-id'.split(' '))

/** Values of fields by their names in lower case, in the order in which they stood; line ends of folds are in them. */
export type FieldValues = ReadonlyMap<string, readonly string[]>

/** In parentheses. Raw bytes above 127 go into literals. */
export function writeEnvelope(fields: FieldValues): string {
  const from = addressesOf(fields, 'from')
  const sender = addressesOf(fields, 'sender')
  const replyTo = addressesOf(fields, 'reply-to')
  const subject = lastOf(fields, 'subject')
  return `(${[
    writeNstring(unfolded(lastOf(fields, 'date'))),
    subject === undefined ? 'NIL' : writeString(readable(subject)),
    writeAddresses(from),
    writeAddresses(sender.length > 0 ? sender : from),
    writeAddresses(replyTo.length > 0 ? replyTo : from),
    ...['to', 'cc', 'bcc'].map((name) => writeAddresses(addressesOf(fields, name))),
    writeNstring(unfolded(lastOf(fields, 'in-reply-to'))),
    writeNstring(unfolded(lastOf(fields, 'message-id'))),
  ].join(' ')})`
}

/** The addresses of all fields of a name. */
export function addressesOf(fields: FieldValues, name: string): Address[] {
  return (fields.get(name) ?? []).flatMap(parseAddresses)
}

/** The value of the last field of a name. */
export function lastOf(fields: FieldValues, name: string): string | undefined {
  return fields.get(name)?.at(-1)
}

/** Without line ends; a CR of its own is a blank. */
export function unfolded(value: string | undefined): string | undefined {
  return value?.replaceAll('\n', '').replaceAll('\r', ' ')
}

/** On one line, with one blank where there was white space. */
export function readable(value: string): string {
  return value
    .split(/[ \t\r\n]+/)
    .filter((word) => word !== '')
    .join(' ')
}

function writeAddresses(addresses: readonly Address[]): string {
  if (addresses.length === 0) return 'NIL'
  return `(${addresses.map(writeAddress).join('')})`
}

function writeAddress({ name, route, mailbox, host }: Address): string {
  const words = [name === undefined ? 'NIL' : writeString(readable(name)), writeNstring(route), writeNstring(mailbox), writeNstring(host)]
  return `(${words.join(' ')})`
}
