/**
 * preline: feed a command the lines that local has found out about a delivery, then the message. README.md is the
 * manual page.
 *
 * In      descriptor 0: the message; UFLINE, RPLINE and DTLINE from local
 * Out     the command's descriptor 0; its exit code is this program's
 */
import { byteArguments, byteEnvironment, invokedAs, runTool } from '@yabumi/commandline'
import { feedCommand } from '@yabumi/messagecommand'
import { parseRequest } from './options.ts'

void runTool('preline', () => {
  const environment = byteEnvironment()
  const { lines, command } = parseRequest(invokedAs(), byteArguments(), environment)
  return feedCommand(lines, command, environment)
})
