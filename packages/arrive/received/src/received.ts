/** The Received field that goes on top of a message from the network (spec §5.1, RFC 5321 §4.4). */
import { lowerCase } from '@yabumi/address'
import { headerDate } from '@yabumi/dates'

/** Both ends of a connection, each as a byte string that the other side may have chosen. */
export interface Ends {
  /** The client's name by PTR, or `unknown`. */
  readonly remoteHost: string
  readonly remoteAddress: string
  /** What an ident server or an authentication said about the client (TCPREMOTEINFO). */
  readonly remoteInfo: string | undefined
  readonly localHost: string
}

/** Who sent a message and who took it. */
export interface Hop extends Ends {
  /** The name that the client gave with HELO or EHLO. */
  readonly helo?: string | undefined
  /** The TLS that it came through. */
  readonly tls?: Tls | undefined
  /** Whether it has logged in (RFC 3848). */
  readonly authenticated?: boolean
}

/** As package tlsfiles knows it: `TLSv1.3`, `TLS_AES_256_GCM_SHA384`, and the name that the client asked for. */
interface Tls {
  readonly protocol: string
  readonly cipher: string
  readonly serverName: string | undefined
}

/** The connection on descriptors 0 and 1, as tcpserver describes it (spec §10.1). */
export function endsOf(environment: ReadonlyMap<string, string>): Ends {
  return {
    remoteHost: environment.get('TCPREMOTEHOST') ?? 'unknown',
    remoteAddress: environment.get('TCPREMOTEIP') ?? 'unknown',
    remoteInfo: environment.get('TCPREMOTEINFO'),
    localHost: environment.get('TCPLOCALHOST') ?? environment.get('TCPLOCALIP') ?? 'unknown',
  }
}

/** Whatever could be read as structure of the header becomes a question mark. [ and ] stay, as in notqmail. */
function clean(text: string): string {
  return text.replace(/[^A-Za-z0-9.@%+/=:\-[\]]/g, '?')
}

/** The word of RFC 3848, and what RFC 8314 §4.3 asks for. */
function underTls({ protocol, cipher, serverName }: Tls, login: string): string {
  const words = [protocol.replace('TLSv', 'TLS'), cipher, ...(serverName === undefined ? [] : [`sni=${serverName}`])]
  return `ESMTPS${login} (${words.map((word) => word.replace(/[^A-Za-z0-9.:=_-]/g, '?')).join(' ')})`
}

/** Two physical lines with their ends. The HELO name is shown only if it is not the name we know already. */
export function receivedField(protocol: 'SMTP' | 'QMTP' | 'QMQP', hop: Hop, seconds: number): string {
  const { remoteHost, helo, remoteInfo } = hop
  const helloed = helo === undefined || lowerCase(helo) === lowerCase(remoteHost) ? '' : ` (HELO ${clean(helo)})`
  const info = remoteInfo === undefined ? '' : `${clean(remoteInfo)}@`
  const from = `${clean(remoteHost)}${helloed} (${info}${clean(hop.remoteAddress)})`
  const login = hop.authenticated ? 'A' : ''
  const way = hop.tls === undefined ? (hop.authenticated ? 'ESMTPA' : protocol) : underTls(hop.tls, login)
  return `Received: from ${from}\n  by ${clean(hop.localHost)} with ${way}; ${headerDate(seconds)}\n`
}
