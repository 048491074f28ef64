/** Clients whose first bytes are of another protocol: browsers that a page misuses, and those that expect TLS. */
import { clientWordBytes } from '@yabumi/limits'
import { reply } from './replies.ts'

/** How such a client is turned away. */
interface Farewell {
  readonly answer: string
  /** For the log: what is refused, what the client said, why the session ends. */
  readonly told: string
  readonly word: string
  readonly why: string
}

/** @param chunk - the first bytes. @returns undefined for what may be SMTP */
export function otherProtocol(chunk: Buffer): Farewell | undefined {
  // a TLS record of a handshake, of any version (RFC 8446 §5.1)
  if (chunk[0] === 22 && chunk[1] === 3) return { answer: '', told: 'this port begins without TLS', word: '', why: 'spoke TLS' }
  const line = (chunk.toString('latin1', 0, clientWordBytes).split('\n', 1)[0] as string).trimEnd()
  if (!/^(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT) [^ ]+ HTTP\//.test(line)) return undefined
  return { answer: reply.noSmtp, told: reply.noSmtp, word: line, why: 'spoke HTTP' }
}
