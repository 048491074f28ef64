/** What every program answers. */
export const always: readonly string[] = ['--help', '--version']

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
