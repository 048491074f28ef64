/** Whoever has read the message on descriptor 0, in whole or in part, the next one reads it from its start. */
import { rewind } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'

/** Set descriptor 0 back to its start. @throws Trouble 4.3.0 if that cannot be done */
export function rewindMessage(): void {
  try {
    rewind(0)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to rewind: ${errorText(cause)}`, { cause })
  }
}
