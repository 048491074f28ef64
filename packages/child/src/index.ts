/**
 * Start a program with byte-exact arguments and environment.
 *
 * Node hands arguments over as UTF-8. Where every byte is ASCII that is exact and spawn(2) is used as it is; where not,
 * a shell decodes them from octal digits and becomes the program: no byte of an address is ever part of the shell's text.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { decoder, isAscii, type Program } from './words.ts'

export { becomeProgram } from './become.ts'
export type { Program } from './words.ts'

/** Start a program; options as for node:child_process.spawn, whose errors ('error' event for a failed exec) apply. */
export function startProgram(program: Program, options: Omit<SpawnOptions, 'env' | 'shell'>): ChildProcess {
  const env: Record<string, string> = {}
  const strange: [string, string][] = []
  for (const [name, value] of program.env) {
    if (isAscii(value)) env[name] = value
    else strange.push([name, value])
  }
  if (strange.length === 0 && isAscii(program.file) && program.args.every(isAscii)) {
    return spawn(program.file, program.args, { ...options, env })
  }
  return spawn('/bin/sh', ['-c', decoder(program, strange)], { ...options, env })
}
