/**
 * condredirect: send the message of a delivery on to another address if a program says so. README.md is the manual
 * page.
 *
 * In      descriptor 0: the message, which the program reads first; SENDER and DTLINE from local
 * Out     queue (package enqueue): the message, not a byte of it changed, after DTLINE
 * Crash   queue sees an early end and keeps nothing that counts; local tries again
 */
import { byteArguments, byteEnvironment, complain, required, runTool, UsageTrouble } from '@yabumi/commandline'
import { sendOn } from '@yabumi/forwarding'
import { rewindMessage, saysYes } from '@yabumi/messagecommand'
import { deliveryExit } from '@yabumi/trouble'

const usage = 'condredirect newaddress program [ arg ... ]'

async function condredirect(): Promise<number> {
  const [recipient, file, ...args] = byteArguments()
  if (recipient === undefined || file === undefined) throw new UsageTrouble(usage)
  const environment = byteEnvironment()
  if (!(await saysYes([file, ...args], environment))) return 0
  rewindMessage() // the program has read it, in whole or in part
  const sender = required(environment, 'SENDER')
  const qp = await sendOn(required(environment, 'DTLINE'), sender, [recipient])
  complain(`condredirect: qp ${qp}`)
  return deliveryExit.stop // local skips the rest of the dotfile
}

void runTool('condredirect', condredirect)
