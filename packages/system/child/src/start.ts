/**
 * Start a program with byte-exact arguments and environment.
 *
 * Node hands arguments over as UTF-8. Where all bytes are UTF-8 that is exact and spawn(2) is used as it is. Where not,
 * a shell decodes them from octal digits and becomes the program. So no byte of an address is ever part of the shell's
 * text.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { locate } from './locate.ts'
import { asText, asTexts, decoder, type Program, splitEnvironment } from './words.ts'

/** A program's group: our own, where we act with the one that reads keys (package home), which is nobody else's business. */
function ownGroup(): Pick<SpawnOptions, 'gid'> {
  const gid = process.getgid?.()
  return gid === undefined || process.getuid?.() === 0 || gid === process.getegid?.() ? {} : { gid }
}

/** Start a program; options as for node:child_process.spawn, whose errors ('error' event for a failed exec) apply. */
export function startProgram(program: Program, options: Omit<SpawnOptions, 'env' | 'shell'>): ChildProcess {
  const { plain, strange } = splitEnvironment(program.env)
  const [file, ...args] = asTexts([program.file, ...program.args]) ?? []
  if (strange.length === 0 && file !== undefined) return spawn(file, args, { ...ownGroup(), ...options, env: plain })
  // its arguments do not matter where it cannot be run: only so does the caller learn why
  if (locate(program.file, plain['PATH']) === undefined)
    return spawn(asText(program.file) ?? program.file, [], { ...ownGroup(), ...options, env: plain })
  return spawn('/bin/sh', ['-c', decoder(program, strange)], { ...ownGroup(), ...options, env: plain })
}
