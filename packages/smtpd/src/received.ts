/** The Received field that smtpd puts on top of a message (spec §5.1, RFC 5321 §4.4). */
import { lowerCase } from '@yabumi/address'
import { headerDate } from '@yabumi/dates'

/** Who sent a message and who took it, each as a byte string that the other side may have chosen. */
export interface Hop {
  /** The client's name by PTR, or `unknown`. */
  readonly remoteHost: string
  readonly remoteAddress: string
  /** What an ident server or an authentication said about the client (TCPREMOTEINFO). */
  readonly remoteInfo: string | undefined
  /** The name that the client gave with HELO or EHLO. */
  readonly helo: string | undefined
  readonly localHost: string
}

/** Whatever could be read as structure of the header becomes a question mark. [ and ] stay, as in notqmail. */
function clean(text: string): string {
  return text.replace(/[^A-Za-z0-9.@%+/=:\-[\]]/g, '?')
}

/** Two physical lines with their ends. The HELO name is shown only if it is not the name we know already. */
export function receivedField(hop: Hop, seconds: number): string {
  const { remoteHost, helo, remoteInfo } = hop
  const helloed = helo === undefined || lowerCase(helo) === lowerCase(remoteHost) ? '' : ` (HELO ${clean(helo)})`
  const info = remoteInfo === undefined ? '' : `${clean(remoteInfo)}@`
  const from = `${clean(remoteHost)}${helloed} (${info}${clean(hop.remoteAddress)})`
  return `Received: from ${from}\n  by ${clean(hop.localHost)} with SMTP; ${headerDate(seconds)}\n`
}
