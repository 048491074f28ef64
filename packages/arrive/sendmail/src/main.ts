/**
 * sendmail: understand sendmail's command line and become inject, smtpd or qread of the home. README.md is the manual
 * page.
 *
 * The program that it becomes keeps the process and descriptors 0, 1 and 2.
 */
import { byteArguments, byteEnvironment, complain, invokedAs } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { exitCode } from '@yabumi/trouble'
import { UsageTrouble } from './options.ts'
import { sendmail } from './sendmail.ts'

function main(): void {
  const environment = new Map(byteEnvironment())
  const home = enterHome()
  if (environment.has('YABUMI_HOME')) environment.set('YABUMI_HOME', home) // a relative one means another place from here
  sendmail(invokedAs(), byteArguments(), environment)
}

try {
  main()
} catch (error) {
  const text = error instanceof Error ? error.message : String(error)
  complain(error instanceof UsageTrouble ? text : `sendmail: fatal: ${text}`)
  process.exitCode = exitCode(error)
}
