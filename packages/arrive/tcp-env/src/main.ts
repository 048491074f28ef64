/**
 * tcp-env: say in the environment who is at the other end of descriptor 0, and become a program (spec §8.5). README.md
 * is the manual page.
 */
import { becomeProgram } from '@yabumi/child'
import { byteArguments, byteEnvironment } from '@yabumi/commandline'
import { endpointsOf } from '@yabumi/posix'
import { describeConnection } from './connection.ts'
import { parseOptions } from './options.ts'

const trouble = 111

async function tcpEnv(): Promise<void> {
  const { identSeconds, command } = parseOptions(byteArguments())
  const [file, ...args] = command
  if (file === undefined) return
  const environment = new Map(byteEnvironment())
  if (!isDescribed(environment.get('PROTO'))) {
    for (const [name, value] of await describeConnection(endpointsOf(0), identSeconds)) {
      if (value === undefined) environment.delete(name)
      else environment.set(name, value)
    }
  }
  becomeProgram({ file, args, env: environment })
}

/** tcpserver or another tcp-env has done it already. */
function isDescribed(protocol: string | undefined): boolean {
  return protocol === 'TCP' || protocol === 'TCP6'
}

void tcpEnv().then(
  () => process.exit(trouble), // it is not the program, so there was none to become
  () => process.exit(trouble),
)
