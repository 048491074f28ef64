/** Words for another program, as bytes. */

/** Byte strings, as everywhere. `file` is searched for in PATH if it holds no slash. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment of the child. */
  readonly env: Iterable<readonly [name: string, value: string]>
}

const ascii = /^[\0-\x7f]*$/

/** Whether Node, which hands words over as UTF-8, hands this one over as it is. */
export function isAscii(word: string): boolean {
  return ascii.test(word)
}

/** Shell text that becomes the program and holds nothing but its own words, names of variables and octal digits. */
export function decoder(program: Program, strange: readonly (readonly [string, string])[]): string {
  const lines = ['set --']
  for (const word of [program.file, ...program.args]) lines.push(`x=$(printf '${octal(word)}.'); set -- "$@" "\${x%.}"`)
  for (const [name, value] of strange) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) lines.push(`x=$(printf '${octal(value)}.'); ${name}=\${x%.}; export ${name}`)
  }
  return `${lines.join('\n')}\nunset x; exec "$@"`
}

function octal(bytes: string): string {
  let digits = ''
  for (const byte of Buffer.from(bytes, 'latin1')) digits += `\\${byte.toString(8).padStart(3, '0')}`
  return digits
}
