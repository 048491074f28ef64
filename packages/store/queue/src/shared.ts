/** What the clients of one listener share. */
import type { Complaints } from './complaint.ts'
import type { GroupCommit } from './groupcommit.ts'
import type { Roles } from './received.ts'
import type { Spares } from './spares.ts'
import type { Taps } from './taps.ts'

export interface Shared {
  readonly roles: Roles
  readonly todo: GroupCommit
  readonly spares: Spares
  readonly complaints: Complaints
  readonly taps: Taps
}
