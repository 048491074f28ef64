/** Programs of the machine that a test talks to, where it has them. */
import { execFileSync } from 'node:child_process'

/** The path of a program, or undefined. */
export function find(program: string): string | undefined {
  const output = execFileSync('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$0" || :', program], { encoding: 'utf8' }).trim()
  return output === '' ? undefined : output
}

/** For tap's `skip` option: why a test cannot run here, or false. */
export function missing(...programs: string[]): string | false {
  const absent = programs.filter((program) => find(program) === undefined)
  return absent.length > 0 && `not on this machine: ${absent.join(', ')} (make peers installs it)`
}
