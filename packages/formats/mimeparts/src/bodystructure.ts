/** BODY and BODYSTRUCTURE: the tree of parts, in IMAP's words (RFC 9051 §7.5.2). */
import { writeNstring, writeString } from '@yabumi/imapwire'
import { lastOf, unfolded, writeEnvelope } from './envelope.ts'
import { firstToken, type Parameters, parseDisposition, parseLanguages, parseTransferEncoding } from './fieldvalues.ts'
import { isText, type Part } from './part.ts'
import { type TransferEncoding, transferEncoding } from './transfer.ts'

const emptyText = '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'

/** @param extended - BODYSTRUCTURE, which says more than BODY */
export function writeBodyStructure(part: Part, extended: boolean): string {
  if (part.kind === 'multipart') return writeMultipart(part, extended)
  const { type, fields, body } = part
  const text = isText(part)
  const words = [
    ...(part.kind === 'message' ? messageType(type) : [writeString(type?.type ?? 'text'), writeString(type?.subtype ?? 'plain')]),
    writeParameters(type?.parameters ?? [], text),
    writeField(part, 'content-id'),
    writeField(part, 'content-description'),
    writeString(transferEncodingOf(part) ?? '7bit'),
    String(body.sizeBytes),
  ]
  if (text) words.push(String(body.lines))
  else if (part.kind === 'message') {
    const [inner] = part.children
    if (inner !== undefined) words.push(writeEnvelope(inner.fields), writeBodyStructure(inner, extended), String(body.lines))
  }
  if (extended) words.push(writeNstring(unfolded(lastOf(fields, 'content-md5'))), writeExtension(part))
  return `(${words.join(' ')})`
}

/** Clients look for these words in lower case. */
function messageType(type: Part['type']): string[] {
  return ['"message"', type?.subtype.toLowerCase() === 'global' ? '"global"' : '"rfc822"']
}

/** The first Content-Transfer-Encoding that is one, in the sender's spelling. */
function transferEncodingOf(part: Part): string | undefined {
  for (const value of part.fields.get('content-transfer-encoding') ?? []) {
    const encoding = parseTransferEncoding(value)
    if (encoding !== undefined) return encoding
  }
  return undefined
}

/** How the body has to be decoded. */
export function encodingOf(part: Part): TransferEncoding {
  return transferEncoding(encodingWord(part))
}

/** The first word of the last Content-Transfer-Encoding, whatever follows it. */
export function encodingWord({ fields }: Part): string | undefined {
  const value = lastOf(fields, 'content-transfer-encoding')
  return value === undefined ? undefined : firstToken(value)
}

function writeMultipart(part: Part, extended: boolean): string {
  const children = part.children.map((child) => writeBodyStructure(child, extended)).join('')
  const words = [children || `${emptyText}${extended ? ' NIL NIL NIL NIL' : ''})`, writeString(part.type?.subtype ?? '')]
  if (extended) words.push(writeParameters(part.type?.parameters ?? [], false), writeExtension(part))
  return `(${words.join(' ')})`
}

/** Disposition, language, location. */
function writeExtension({ fields }: Part): string {
  const disposition = first(fields.get('content-disposition'), parseDisposition)
  const languages = first(fields.get('content-language'), parseLanguages) ?? []
  return [
    disposition === undefined ? 'NIL' : `(${writeString(disposition.name)} ${writeParameters(disposition.parameters, false)})`,
    languages.length === 0 ? 'NIL' : `(${languages.map(writeString).join(' ')})`,
    writeNstring(unfolded(fields.get('content-location')?.[0])),
  ].join(' ')
}

function first<T>(values: readonly string[] | undefined, parse: (value: string) => T): T | undefined {
  return values?.[0] === undefined ? undefined : parse(values[0])
}

function writeField({ fields }: Part, name: string): string {
  return writeNstring(unfolded(fields.get(name)?.[0]))
}

/** @param isText - without a charset, it has US-ASCII */
function writeParameters(parameters: Parameters, isText: boolean): string {
  const all = [...parameters]
  if (isText && !all.some(([name]) => name.toLowerCase() === 'charset')) all.push(['charset', 'us-ascii'])
  if (all.length === 0) return 'NIL'
  return `(${all.map(([name, value]) => `${writeString(name)} ${writeString(value)}`).join(' ')})`
}
