/** Log lines of the programs, each marked with its program's name, on descriptor 2: printable bytes only, whatever a program has repeated. */
import type { Readable } from 'node:stream'
import { logLineBytes } from '@yabumi/limits'
import { LineSplitter, printable } from '@yabumi/logline'

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
  const splitter = new LineSplitter(logLineBytes)
  const pass = (line: string): void => {
    seen(line)
    const text = printable(line)
    process.stderr.write(text.startsWith(`${mark}: `) ? `${text}\n` : `${mark}: ${text}\n`)
  }
  stream.setEncoding('latin1')
  stream.on('data', (text: string) => splitter.push(text).forEach(pass))
  stream.on('end', () => splitter.end().forEach(pass))
  stream.on('error', () => undefined)
}
