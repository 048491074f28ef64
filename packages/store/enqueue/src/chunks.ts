/**
 * An envelope in pieces of bounded size, without the NUL that completes it: a list of 100,000 recipients is never one
 * string.
 */
const chunkBytes = 32_768

/** @throws Error for an address that holds a NUL */
export function* envelopeChunks(sender: string, recipients: Iterable<string>): Generator<Buffer, void> {
  let text = record('F', sender)
  for (const recipient of recipients) {
    text += record('T', recipient)
    if (text.length >= chunkBytes) {
      yield Buffer.from(text, 'latin1')
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text, 'latin1')
}

function record(letter: 'F' | 'T', address: string): string {
  if (address.includes('\0')) throw new Error('address holds a NUL')
  return `${letter}${address}\0`
}
