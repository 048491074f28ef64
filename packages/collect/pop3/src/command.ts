/**
 * A command line, read as qmail reads it: a NUL ends it, the verb ends at the first blank (spec §5.1, the same reader).
 */

/** Byte strings. */
export interface Command {
  /** In small letters. */
  readonly verb: string
  /** Without the blanks in front of it. */
  readonly argument: string
  /** All that follows the verb and one blank. */
  readonly exact: string
}

/** @param line - without its end */
export function parseCommand(line: string): Command {
  const text = line.split('\0', 1)[0] as string
  const blank = text.indexOf(' ')
  if (blank < 0) return { verb: text.toLowerCase(), argument: '', exact: '' }
  return { verb: text.slice(0, blank).toLowerCase(), argument: text.slice(blank).replace(/^ +/, ''), exact: text.slice(blank + 1) }
}
