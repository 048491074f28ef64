/** Do what a database says with the message on descriptor 0. */
import { quoteAddress } from '@yabumi/address'
import type { AliasCommand, Handling } from '@yabumi/aliasdb'
import { complain, required } from '@yabumi/commandline'
import { sendOn } from '@yabumi/forwarding'
import { type Environment, feedCommand, rewindMessage, runShell } from '@yabumi/messagecommand'
import { deliveryExit, permanentExits, Trouble } from '@yabumi/trouble'

const doneExits: ReadonlySet<number> = new Set([deliveryExit.done, deliveryExit.stop])

/**
 * Programs first, one after the other, then one message to all recipients: a program that fails has nobody sent a second copy.
 *
 * @throws Trouble; 5.x.x if trying again is no use
 */
export async function deliver({ owner, programs, recipients }: Handling, environment: Environment): Promise<void> {
  for (const program of programs) await runProgram(program, environment)
  if (recipients.length === 0) return
  const sender = owner ?? required(environment, 'SENDER')
  rewindMessage()
  complain(`aliasforward: qp ${await sendOn(required(environment, 'DTLINE'), sender, recipients.map(quoteAddress))}`)
}

async function runProgram({ kind, text }: AliasCommand, environment: Environment): Promise<void> {
  rewindMessage()
  const head = ['UFLINE', 'RPLINE', 'DTLINE'].map((name) => (kind === 'headed' ? required(environment, name) : '')).join('')
  const code = kind === 'headed' ? await feedCommand(head, ['/bin/sh', '-c', text], environment) : await runShell(text, environment)
  if (doneExits.has(code)) return
  throw new Trouble(permanentExits.has(code) ? '5.3.0' : '4.3.0', `exit code ${code} of |${text}`)
}
