/**
 * newmrh: compile control/morercpthosts into control/morercpthosts.cdb (spec §7.5).
 *
 * Out     control/morercpthosts.tmp, synced, then renamed: smtpd sees the old file or the new one
 * Trust   root becomes the owner of control/
 * Crash   leaves control/morercpthosts.cdb as it was; so does any error
 */
import { calledName, complain } from '@yabumi/commandline'
import { becomeOwner, enterHome, homeDirectory } from '@yabumi/home'
import { errorText } from '@yabumi/trouble'
import { compile } from './compile.ts'

function main(): void {
  process.umask(0o033)
  try {
    try {
      enterHome()
    } catch (error) {
      throw new Error(`unable to chdir to ${homeDirectory()}: ${errorText((error as Error).cause)}`)
    }
    becomeOwner('control')
    compile()
  } catch (error) {
    complain(`${calledName('newmrh', 'qmail-newmrh')}: fatal: ${(error as Error).message}`)
    process.exitCode = 111
  }
}

main()
