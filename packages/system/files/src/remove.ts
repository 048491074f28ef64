import { unlinkSync } from 'node:fs'

/** Remove a file that does no harm where it stays. @returns false if it was not there, or could not be removed */
export function removeQuietly(path: string | Buffer): boolean {
  try {
    unlinkSync(path)
    return true
  } catch {
    return false
  }
}
