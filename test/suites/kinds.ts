/** Which function runs the cases of a kind. A kind that is not here is skipped. */
import { authcheck } from './authcheck.ts'
import { dialogue } from './dialogue.ts'
import * as dkim from './dkim.ts'
import type { Kind } from './suite.ts'

export const kinds: Readonly<Record<string, Kind>> = {
  authcheck,
  dialogue,
  'dkim-canonical': dkim.canonical,
  'dkim-key': dkim.keyRecord,
  'dkim-signature': dkim.signature,
  'dkim-verify': dkim.verify,
}
