/**
 * qsmhook: feed the message of a delivery to a command line that was made for sendmail. README.md is the manual page.
 *
 * In      descriptor 0: the message; UFLINE, RPLINE, DTLINE, LOCAL, HOST and SENDER from local
 * Out     the command's descriptor 0; its exit code is this program's
 */
import { byteArguments, byteEnvironment, invokedAs, runTool } from '@yabumi/commandline'
import { feedCommand } from '@yabumi/messagecommand'
import { parseRequest } from './options.ts'

void runTool('qsmhook', () => {
  const environment = byteEnvironment()
  const { lines, command } = parseRequest(invokedAs(), byteArguments(), environment)
  return feedCommand(lines, command, environment)
})
