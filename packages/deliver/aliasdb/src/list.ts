/** Lists apart from the database: whoever owns one changes it without the administrator. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { aliasListBytes } from '@yabumi/limits'
import { errorText, Trouble } from '@yabumi/trouble'
import { type AliasCommand, decodeCommands } from './command.ts'

const readableByAll = 0o004

/**
 * The commands of a list. It must be readable for everybody: so nobody has a private file of ours read by naming it.
 *
 * @throws Trouble 4.3.0 if it cannot be used now: nobody of it shall be left out
 */
export function readList(path: string): AliasCommand[] {
  const trouble = (reason: string, cause?: unknown) => new Trouble('4.3.0', `unable to read ${path}: ${reason}`, { cause })
  let fd: number
  try {
    fd = openSync(Buffer.from(path, 'latin1'), constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw trouble(errorText(cause), cause)
  }
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) throw new Error('it is no file')
    if ((status.mode & readableByAll) === 0) throw new Error('it is not readable for everybody')
    if (status.size > aliasListBytes) throw new Error(`it has more than ${aliasListBytes} bytes`)
    const commands = decodeCommands(readFileSync(fd))
    if (commands.some(({ kind }) => kind === 'program' || kind === 'headed')) throw new Error('a list runs no program')
    return commands
  } catch (cause) {
    throw trouble(errorText(cause), cause)
  } finally {
    closeSync(fd)
  }
}
