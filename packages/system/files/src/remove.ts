/** Files that do no harm where they stay are removed, and trouble with that stops nobody. */
import { unlinkSync } from 'node:fs'

/** Remove a file. @returns false if it was not there, or could not be removed */
export function removeQuietly(path: string | Buffer): boolean {
  try {
    unlinkSync(path)
    return true
  } catch {
    return false
  }
}
