/** Text from outside as it goes into the log: one line, printable, without blanks and percent signs (spec §2.5.7). */
export function logSafe(text: string): string {
  return text.replace(/[^!-$&-~]/g, (byte) => (byte === '\n' ? '/' : '_'))
}

const mostWordsBytes = 100

/** What a client has said, as one word of printable ASCII at the end of a line: all other bytes, blanks and `=` too, as `=XX`; cut at 100 bytes. */
export function clientWords(text: string): string {
  const hex = (byte: string): string => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  return text
    .slice(0, mostWordsBytes)
    .replace(/[^!-<>-~]/g, hex)
    .slice(0, mostWordsBytes)
}

/** A line that has its own words, blanks between them: what a terminal would obey, and bytes that are no ASCII, become `_`. */
export function printable(line: string): string {
  return line.replace(/[^ -~]/g, '_')
}
