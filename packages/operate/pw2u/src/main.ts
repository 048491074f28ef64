/**
 * pw2u: make a users/assign file from passwd lines (spec §7.3). README.md is the manual page.
 *
 * In      descriptor 0: passwd(5); users/include, exclude, mailnames, subusers and append of the home
 * Out     descriptor 1: users/assign, in two parts: whole lines of passwd; the rest. A part with trouble in it is not
 *         written, and without the dot at the end newu refuses the file
 */
import { existsSync, readFileSync } from 'node:fs'
import { byteArguments, calledName, complain } from '@yabumi/commandline'
import { writeAll } from '@yabumi/files'
import { enterHome } from '@yabumi/home'
import { exitCode, Trouble } from '@yabumi/trouble'
import { Assignments } from './assign.ts'
import { parseOptions } from './options.ts'
import { readTables } from './tables.ts'

function writeAssignFile(args: readonly string[]): void {
  const options = parseOptions(args)
  attempt('unable to chdir', enterHome)
  const assignments = new Assignments(options, readTables())
  const passwd = linesOf(attempt('unable to read input', () => readFileSync(0)))
  const unfinished = passwd.pop() ?? ''
  write(assignments.ofAccounts(passwd))
  let rest = assignments.ofAccounts([unfinished])
  assignments.requireAliasUser()
  rest += assignments.ofSubusers(linesOf(readIfThere('users/subusers')))
  rest += readIfThere('users/append').toString('latin1')
  write(`${rest}.\n`)
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\n')
}

function readIfThere(path: string): Buffer {
  return attempt('unable to read input', () => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0)))
}

function attempt<Result>(complaint: string, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    throw new Trouble('4.3.0', complaint, { cause })
  }
}

function write(text: string): void {
  const bytes = Buffer.from(text, 'latin1')
  attempt('unable to write output', () => {
    writeAll(1, bytes)
  })
}

function main(): void {
  try {
    writeAssignFile(byteArguments())
  } catch (error) {
    const usage = exitCode(error) === 100
    complain(`${calledName('pw2u', 'qmail-pw2u')}: ${usage ? '' : 'fatal: '}${(error as Error).message}`)
    process.exitCode = exitCode(error)
  }
}

main()
