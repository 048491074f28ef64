/**
 * Start a program with byte-exact arguments and environment.
 *
 * Node hands arguments over as UTF-8. Where every byte is ASCII that is exact and spawn(2) is used as it is; where not,
 * a shell decodes them from octal digits and becomes the program: no byte of an address is ever part of the shell's text.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/** Byte strings in, as everywhere. `file` is searched for in PATH if it holds no slash. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment of the child. */
  readonly env: Iterable<readonly [name: string, value: string]>
}

const ascii = /^[\0-\x7f]*$/

/** Start a program; options as for node:child_process.spawn, whose errors ('error' event for a failed exec) apply. */
export function startProgram(program: Program, options: Omit<SpawnOptions, 'env' | 'shell'>): ChildProcess {
  const env: Record<string, string> = {}
  const strange: [string, string][] = []
  for (const [name, value] of program.env) {
    if (ascii.test(value)) env[name] = value
    else strange.push([name, value])
  }
  if (strange.length === 0 && ascii.test(program.file) && program.args.every((arg) => ascii.test(arg))) {
    return spawn(program.file, program.args, { ...options, env })
  }
  return spawn('/bin/sh', ['-c', decoder(program, strange)], { ...options, env })
}

/** Shell text that holds nothing but its own words, names of variables and octal digits. */
function decoder(program: Program, strange: readonly (readonly [string, string])[]): string {
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
