/** Let a command read the message and decide by its exit code (spec §8.4: condredirect, bouncesaying, except). */
import { deliveryExit, exitCode, Trouble } from '@yabumi/trouble'
import { CannotRun, type Command, type Environment, runCommand } from './command.ts'

/**
 * Whether the command says yes to the message on descriptor 0: exit code 0. Every other code is a no, except 111.
 * A command that cannot be run says 100, or 111 if the reason may pass.
 *
 * @throws Trouble 4.3.0 if it cannot say now
 */
export async function saysYes(command: Command, environment: Environment): Promise<boolean> {
  const code = await runCommand(command, environment, 0).catch((error: unknown) => {
    if (error instanceof CannotRun) return exitCode(error)
    throw error
  })
  if (code === deliveryExit.deferral) throw new Trouble('4.3.0', 'temporary child error')
  return code === 0
}
