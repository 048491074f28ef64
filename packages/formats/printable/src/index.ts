/** Text from outside as a terminal or a log may have it: no byte of it commands anything. */

const unprintable = /[^ -~]/
const allUnprintable = /[^ -~]/g

/**
 * A line in which every byte that is not printable ASCII is another one.
 *
 * @param line - byte string
 * @param instead - what stands for such a byte
 */
export function printable(line: string, instead: '_' | '?' | '/' = '_'): string {
  return unprintable.test(line) ? line.replace(allUnprintable, instead) : line
}

/** The same for text of many lines: ends of lines, and tabs, stay. */
export function printableText(text: string, instead: '_' | '?' | '/'): string {
  return text.replace(/[^\t\n -~]/g, instead)
}
