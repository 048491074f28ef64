/** `silent DIRECTORY PASSWD PROGRAM ARGUMENT ...`: become the program, with a file system that does not answer on a directory, and another /etc/passwd. */
import { execFileSync } from 'node:child_process'
import { becomeProgram } from '@yabumi/child'
import { duplicate } from '@yabumi/posix'
import { mountSilent } from '../../support/silentfs.ts'

const [directory = '', passwd = '', file = '', ...args] = process.argv.slice(2)
execFileSync('mount', ['--bind', passwd, '/etc/passwd'])
const places = [
  [mountSilent(directory), 250], // ends with the program
  [3, 300], // readiness, which Node has marked to be closed
  [300, 3],
] as const
for (const [from, to] of places) duplicate(from, to)
const env = Object.entries(process.env).map(([name, value = '']): [string, string] => [name, value])
throw new Error(`unable to run ${becomeProgram({ file, args, env })}`)
