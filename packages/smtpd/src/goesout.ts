/** Which recipients are other hosts': nobody here knows whether they exist, so recipientd is not asked for them. */
import { readLocals, readRewriting, readVirtualDomains, remote, rewrite } from '@yabumi/routing'

export type GoesOut = (recipient: string) => boolean

/** As the control files have it now. Where they cannot be read recipientd has the word. */
export function readGoesOut(): GoesOut {
  try {
    const [rewriting, routing] = [readRewriting(), { locals: readLocals(), virtualDomains: readVirtualDomains() }]
    return (recipient) => rewrite(recipient, rewriting, routing).channel === remote
  } catch {
    return () => false
  }
}
