/** Text from outside as it goes into the log: one line, printable, without blanks and percent signs (spec §2.5.7). */
export function logSafe(text: string): string {
  return text.replace(/[^!-$&-~]/g, (byte) => (byte === '\n' ? '/' : '_'))
}
