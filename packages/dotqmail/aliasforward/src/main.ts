/**
 * aliasforward: forward the message of a delivery as a database of aliases says. README.md is the manual page.
 *
 * In      descriptor 0: the message; RECIPIENT (or DEFAULT, EXT, HOST), SENDER and the lines of local
 * Out     queue (package enqueue): the message after DTLINE, once, for all its recipients; programs of the database
 * Crash   queue sees an early end and keeps nothing that counts; local tries again
 */
import { type Handling, handlingOf, parseRequest } from '@yabumi/aliasdb'
import { byteArguments, byteEnvironment, complain, invokedAs, runTool } from '@yabumi/commandline'
import { deliveryExit } from '@yabumi/trouble'
import { deliver } from './deliver.ts'

function told({ owner, programs, recipients }: Handling): string {
  const lines = programs.map(({ kind, text }) => `run ${kind === 'headed' ? '!' : '|'}${text}`)
  if (recipients.length > 0) lines.push(`from <${owner ?? 'original envelope sender'}>`, ...recipients.map((each) => `to <${each}>`))
  return lines.map((line) => `${line}\n`).join('')
}

void runTool('aliasforward', async () => {
  const environment = byteEnvironment()
  const { database, recipient, isTrial, passesOn } = parseRequest(invokedAs(), byteArguments(), environment)
  const handling = handlingOf(recipient, database)
  if (handling === undefined) {
    if (passesOn) return 0
    complain('Sorry, no mailbox here by that name. (#5.1.1)')
    return deliveryExit.failure
  }
  if (isTrial) process.stdout.write(Buffer.from(told(handling), 'latin1'))
  else await deliver(handling, environment)
  return passesOn ? deliveryExit.stop : deliveryExit.done
})
