/** Clients whose first bytes show that they speak something else: browsers that a page misuses, and those that expect TLS. */
import { clientWordBytes } from '@yabumi/limits'

/** A TLS record of a handshake, of any version (RFC 8446 §5.1). */
export function startsTls(chunk: Buffer): boolean {
  return chunk[0] === 22 && chunk[1] === 3
}

/** A request of HTTP: no command of SMTP has a version behind it. */
export function startsHttp(chunk: Buffer): boolean {
  return /^(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT) [^ ]+ HTTP\//.test(firstLine(chunk))
}

/** As much of the first line as the log shows. */
export function firstLine(chunk: Buffer): string {
  return (chunk.toString('latin1', 0, clientWordBytes).split('\n', 1)[0] as string).trimEnd()
}
