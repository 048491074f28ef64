/**
 * A sender of its own for each recipient: `list-@host-@[]` to `box@dom` becomes `list-box=dom@host` (spec §2.5.6).
 */
const mark = '-@[]'

/** The sender to give to a spawn program with this recipient. */
export function senderFor(sender: string, recipient: string): string {
  if (!sender.endsWith(mark)) return sender
  const at = sender.lastIndexOf('@', sender.length - mark.length - 1)
  const recipientAt = recipient.lastIndexOf('@')
  if (at < 0 || recipientAt < 0) return sender
  const box = `${recipient.slice(0, recipientAt)}=${recipient.slice(recipientAt + 1)}`
  return sender.slice(0, at) + box + sender.slice(at, -mark.length)
}

/** The sender as bounces know it: without the mark. */
export function plainSender(sender: string): string {
  return sender.endsWith(mark) ? sender.slice(0, -mark.length) : sender
}
