/** The strict grammar of a mailbox in SMTP (RFC 5321 §4.1.2, RFC 6531 §3.3). smtpd reads more generously. */
import { asciiDomain, isUtf8Bytes } from './international.ts'

/** RFC 5321 §4.5.3.1.1, §4.5.3.1.2 */
const [localBytes, domainBytes] = [64, 255]

/** Whether bytes are a Local-part: atoms between dots, or a quoted string. @param local - a byte string */
export function isLocalPart(local: string): boolean {
  if (local.length > localBytes || !isUtf8Bytes(local)) return false
  return /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+)*$/.test(local) || isQuotedString(local)
}

function isQuotedString(text: string): boolean {
  return /^"(?:[ !#-[\]-~\x80-\xff]|\\[ -~])*"$/.test(text)
}

/** Whether bytes are a Mailbox: a Local-part, and a domain or an address literal. @param mailbox - a byte string */
export function isMailbox(mailbox: string): boolean {
  const at = mailbox.lastIndexOf('@')
  return at > 0 && isLocalPart(mailbox.slice(0, at)) && isMailDomain(mailbox.slice(at + 1))
}

function isMailDomain(domain: string): boolean {
  if (/^\[[!-Z^-~]+\]$/.test(domain)) return domain.length <= domainBytes
  const ascii = asciiDomain(domain)
  return ascii !== undefined && ascii.length <= domainBytes && ascii.split('.').every(isLabel)
}

function isLabel(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label)
}
