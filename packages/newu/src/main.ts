/**
 * newu: compile users/assign into users/cdb (spec §7.2).
 *
 * Out     users/cdb.tmp, synced, then renamed to users/cdb: readers see the old file or the new one
 * Trust   root becomes the owner of users/
 * Crash   leaves users/cdb as it was; on any error it is untouched, too
 */
import { calledName, complain } from '@yabumi/commandline'
import { becomeOwner, enterHome } from '@yabumi/home'
import { compile, Failure } from './compile.ts'

function main(): void {
  process.umask(0o033)
  try {
    try {
      enterHome()
    } catch {
      throw new Failure('unable to chdir')
    }
    becomeOwner('users')
    compile()
  } catch (error) {
    complain(`${calledName('newu', 'qmail-newu')}: fatal: ${error instanceof Failure ? error.message : String(error)}`)
    process.exitCode = 111
  }
}

main()
