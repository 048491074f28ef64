/** Log lines of the programs, each marked with its program's name, on descriptor 2. Bytes stay bytes. */
import type { Readable } from 'node:stream'

const longestLine = 65_536 // a longer one is passed on in pieces rather than kept

/** Write one line of our own. */
export function say(text: string): void {
  process.stderr.write(`supervise: ${text}\n`)
}

/**
 * Pass the lines of a stream on until it ends.
 *
 * @param mark - what each line begins with; a line that says so itself is not marked twice
 * @param seen - called with each line, as a byte string without its end
 */
export function forwardLines(stream: Readable, mark: string, seen: (line: string) => void = () => undefined): void {
  let rest = ''
  const pass = (line: string): void => {
    seen(line)
    process.stderr.write(Buffer.from(line.startsWith(`${mark}: `) ? `${line}\n` : `${mark}: ${line}\n`, 'latin1'))
  }
  stream.setEncoding('latin1')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) pass(line)
    if (rest.length > longestLine) {
      pass(rest)
      rest = ''
    }
  })
  stream.on('end', () => {
    if (rest !== '') pass(rest)
  })
  stream.on('error', () => undefined)
}
