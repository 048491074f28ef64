/**
 * A reader of mboxes finds the mail of the Maildir in its mbox. If the mail cannot be moved there, no reader starts.
 */
import { once } from 'node:events'
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { programPath } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import { become } from './become.ts'

/**
 * Move the mail of the Maildir into the mbox, and become a mail reader for mboxes.
 *
 * @param readers - names of the program, the first one that there is counts
 * @returns the exit code of maildir2mbox, where it failed
 * @throws Trouble 4.3.0 if one of them cannot be run
 */
export async function readMail(readers: readonly string[], args: readonly string[]): Promise<number> {
  return (await moveMail()) || become(readers, args)
}

async function moveMail(): Promise<number> {
  const file = programPath('maildir2mbox')
  const child = startProgram({ file, args: [], env: byteEnvironment() }, { stdio: 'inherit' })
  const [code] = (await once(child, 'exit').catch((cause: unknown) => {
    throw new Trouble('4.3.0', `unable to run ${file}: ${errorText(cause)}`, { cause })
  })) as [number | null]
  if (code === null) throw new Trouble('4.3.0', 'maildir2mbox crashed')
  return code
}
