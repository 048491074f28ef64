/**
 * Messages have LF at their line ends on the disk and CRLF on the wire.
 *
 * Bound   linear in the bytes
 */

const LF = 10
const CR = 13

/** Bytes that a message has on the wire: every LF counts with its CR. */
export function wireSize(message: Buffer): number {
  return message.length + bareLines(message)
}

/** A message as it goes to a client: CRLF at every line end, and 0x80 for NUL, which IMAP cannot carry. */
export function toWire(message: Buffer): Buffer {
  const bare = bareLines(message)
  const plain = message.indexOf(0) === -1
  if (bare === 0 && plain) return message
  const wire = Buffer.allocUnsafe(message.length + bare)
  let at = 0
  let from = 0
  for (let end = message.indexOf(LF); end !== -1; end = message.indexOf(LF, from)) {
    at += message.copy(wire, at, from, end)
    if (end === 0 || message[end - 1] !== CR) wire[at++] = CR
    wire[at++] = LF
    from = end + 1
  }
  message.copy(wire, at, from)
  if (!plain) for (let nul = wire.indexOf(0); nul !== -1; nul = wire.indexOf(0, nul + 1)) wire[nul] = 0x80
  return wire
}

/** A message as it goes to the disk: LF for every CRLF. Bare CRs stay. */
export function toDisk(message: Buffer): Buffer {
  const disk = Buffer.allocUnsafe(message.length)
  let at = 0
  let from = 0
  for (let end = message.indexOf('\r\n'); end !== -1; end = message.indexOf('\r\n', from)) {
    at += message.copy(disk, at, from, end)
    disk[at++] = LF
    from = end + 2
  }
  at += message.copy(disk, at, from)
  return disk.subarray(0, at)
}

/** LFs without a CR before them. Lines are short: to look at each byte takes less time than to search for each end. */
function bareLines(message: Buffer): number {
  let bare = 0
  let before = 0
  for (let at = 0; at < message.length; at += 1) {
    const byte = message[at] as number
    if (byte === LF && before !== CR) bare += 1
    before = byte
  }
  return bare
}
