/**
 * preline: feed a command the lines that local has found out about a delivery, then the message. README.md is the
 * manual page.
 *
 * In      descriptor 0: the message; UFLINE, RPLINE and DTLINE from local
 * Out     the command's descriptor 0; its exit code is this program's
 */
import { byteArguments, byteEnvironment, complain, invokedAs } from '@yabumi/commandline'
import { exitCode } from '@yabumi/trouble'
import { parseRequest, UsageTrouble } from './options.ts'
import { preline } from './preline.ts'

async function main(): Promise<void> {
  try {
    const environment = byteEnvironment()
    process.exitCode = await preline(parseRequest(invokedAs(), byteArguments(), environment), environment)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    complain(error instanceof UsageTrouble ? text : `preline: fatal: ${text}`)
    process.exitCode = exitCode(error)
  }
}

void main()
