/** The user whose deliveries a worker makes, where root has started it. */
import { becomeAccount } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'

/**
 * Become a user for good, before anything is read. Without words this process has the user's rights already.
 *
 * @param words - uid, gid, and further groups in one word with commas, as lspawn gives them
 * @throws Trouble 4.3.0 if that cannot be done, or root would remain
 */
export function becomeUser(words: readonly string[]): void {
  if (words.length > 0) {
    const [uid = 0, gid = 0, ...groups] = words.join(',').split(',').filter(Boolean).map(Number)
    becomeAccount({ uid, gid, groups })
    if (process.geteuid?.() !== uid || process.getuid?.() !== uid || process.getegid?.() !== gid || process.getgid?.() !== gid) {
      throw new Trouble('4.3.0', `unable to become user ${uid}`)
    }
  }
  if (process.getuid?.() === 0) throw new Trouble('4.3.0', 'mail is never delivered as root')
}
