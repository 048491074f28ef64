/**
 * forward: send the message of a delivery on to other addresses. README.md is the manual page.
 *
 * In      descriptor 0: the message; NEWSENDER and DTLINE from local
 * Out     queue (package enqueue): the message, not a byte of it changed, after DTLINE and, with --resent, Resent
 *         fields
 * Crash   queue sees an early end and keeps nothing that counts; local tries again
 */
import { byteArguments, byteEnvironment, complain, runTool } from '@yabumi/commandline'
import { forward } from './forward.ts'
import { parseArguments } from './options.ts'

void runTool('forward', async () => {
  const environment = byteEnvironment()
  complain(`forward: qp ${await forward(await parseArguments(byteArguments()), environment)}`)
  return 0
})
