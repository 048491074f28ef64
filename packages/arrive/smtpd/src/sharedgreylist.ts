/** What all sessions know of strangers that are put off. */
import type { Correspondents } from '@yabumi/correspondents'
import type { Greylist } from '@yabumi/greylist'

export interface SharedGreylist {
  readonly greylist: Greylist
  /** Those to whom mail has gone from here. */
  readonly correspondents: Correspondents
}
