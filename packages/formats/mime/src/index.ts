/**
 * Just enough MIME to send a message without bytes above 127, to a host that takes no others (RFC 6152 §3).
 *
 * Leaf parts become quoted-printable or base64. The message is read twice: DowngradeScan finds out what has to change,
 * Downgrade changes it.
 *
 * In      the message as the queue has it, lines that end with LF, in pieces of any size
 * Memory  a piece, 1,024 bytes of a line, the MIME fields of one header, and a number for each part that changes
 * Never   touches what is signed or encrypted: a message that has such bytes there cannot be changed
 */

export { Downgrade } from './downgrade.ts'
export { DowngradeScan, type Plan } from './scan.ts'
