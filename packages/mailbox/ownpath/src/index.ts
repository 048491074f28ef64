/**
 * A way down to a user's files that no other account can turn elsewhere: `./Maildir/new`, `/var/mail/joe`.
 *
 * A directory that only this account or root may change keeps its names. What lies in it is reached by name, at the
 * price of one lstat. In any other one somebody may put another file under a name between the look at it and its use.
 * So what is looked at is opened (O_PATH), and reached by its descriptor. Links are followed if this account or root
 * made them; everybody else's are a trap.
 */
export { Descent, type Directory, type FilePlace, type Manner } from './descent.ts'
export { ForeignLink, LeavesHome, NotOurs, refuseForeign } from './owner.ts'
