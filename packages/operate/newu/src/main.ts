/**
 * newu: compile users/assign into users/cdb (spec §7.2).
 *
 * Out     users/cdb.tmp, synced, then renamed to users/cdb: readers see the old file or the new one
 * Trust   root becomes the owner of users/
 * Crash   leaves users/cdb as it was; on any error it is untouched, too
 */
import { calledName, complain } from '@yabumi/commandline'
import { becomeOwner, enterHome } from '@yabumi/home'
import { errnoOf, errorText } from '@yabumi/trouble'
import { compile, Failure } from './compile.ts'

/** qmail-newu's one line says neither which line nor why, and scripts know it. A person hears more. */
function reasonOf({ cause }: Failure): string {
  return errnoOf(cause) === undefined ? (cause as Error).message : `${(cause as NodeJS.ErrnoException).path ?? ''}: ${errorText(cause)}`
}

function main(): void {
  process.umask(0o033)
  try {
    try {
      enterHome()
    } catch (cause) {
      throw new Failure('unable to chdir', { cause })
    }
    becomeOwner('users')
    compile()
  } catch (error) {
    complain(`${calledName('newu', 'qmail-newu')}: fatal: ${error instanceof Failure ? error.message : String(error)}`)
    if (process.stderr.isTTY && error instanceof Failure) complain(`  ${reasonOf(error)}`)
    process.exitCode = 111
  }
}

main()
