/** A message or an envelope that cannot be read to its end is refused with exit code 54, and never cut short. */
import { piecesOf } from '@yabumi/descriptor'
import { exitCode, QueueTrouble } from './exitcode.ts'

/** The bytes of a descriptor to its end. @throws QueueTrouble 54 */
export async function* readDescriptor(fd: number): AsyncGenerator<Buffer, void> {
  try {
    yield* piecesOf(fd)
  } catch (cause) {
    throw new QueueTrouble(exitCode.readError, { cause })
  }
}
