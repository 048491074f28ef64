/**
 * bouncesaying: bounce the message of a delivery with a text, always or if a program says so. README.md is the manual
 * page.
 *
 * In      descriptor 0: the message, which the program reads
 * Out     descriptor 2: the text, which local puts into the bounce; exit code 100
 */
import { byteArguments, byteEnvironment, complain, runTool, UsageTrouble } from '@yabumi/commandline'
import { saysYes } from '@yabumi/messagecommand'
import { deliveryExit } from '@yabumi/trouble'

void runTool('bouncesaying', async () => {
  const [text, file, ...args] = byteArguments()
  if (text === undefined) throw new UsageTrouble('bouncesaying error [ program [ arg ... ] ]')
  if (file !== undefined && !(await saysYes([file, ...args], byteEnvironment()))) return 0
  complain(text)
  return deliveryExit.failure
})
