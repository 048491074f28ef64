/** Text from outside as it goes into the log: one line, printable, without blanks and percent signs (spec §2.5.7). */
export function logSafe(text: string): string {
  return text.replace(/[^!-$&-~]/g, (byte) => (byte === '\n' ? '/' : '_'))
}

/** A line that has its own words, blanks between them: what a terminal would obey, and bytes that are no ASCII, become `_`. */
export function printable(line: string): string {
  return line.replace(/[^ -~]/g, '_')
}
