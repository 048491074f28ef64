/** A letter to whoever runs this host. The working directory is the home. */
import { once } from 'node:events'
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'

/**
 * Queue it.
 *
 * @param program - that writes it
 * @param subject - printable, one line
 * @param body - lines, each ended; byte strings
 * @throws Trouble 4.3.0 if it cannot be queued, or inject not be run
 */
export async function writeToPostmaster(program: string, subject: string, body: string): Promise<void> {
  const message = `From: postmaster (${program})\nTo: postmaster\nSubject: ${subject}\n\n${body}`
  try {
    const child = startProgram({ file: 'bin/inject', args: [], env: byteEnvironment() }, { stdio: ['pipe', 'ignore', 2] })
    child.stdin?.on('error', () => undefined) // it has ended, which is seen below
    child.stdin?.end(message, 'latin1')
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`inject ended with ${code}`)
  } catch (cause) {
    throw new Trouble('4.3.0', 'unable to queue mail for postmaster', { cause })
  }
}
