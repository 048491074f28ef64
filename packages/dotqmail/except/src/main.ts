/**
 * except: bounce the message of a delivery if a program says so. README.md is the manual page.
 *
 * In      descriptor 0: the message, which the program reads
 * Out     the exit code: 100 where the program says 0, otherwise 0
 */
import { byteArguments, byteEnvironment, runTool, UsageTrouble } from '@yabumi/commandline'
import { saysYes } from '@yabumi/messagecommand'
import { deliveryExit } from '@yabumi/trouble'

void runTool('except', async () => {
  const [file, ...args] = byteArguments()
  if (file === undefined) throw new UsageTrouble('except program [ arg ... ]')
  return (await saysYes([file, ...args], byteEnvironment())) ? deliveryExit.failure : deliveryExit.done
})
