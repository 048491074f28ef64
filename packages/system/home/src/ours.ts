/** Whether a program is the one that was installed with this one. */
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'

/** The launchers lie beside each other, and name the bundle as `.dist/start.cjs` below their directory. @param file - a byte string */
export function isOurs(file: string, name: string): boolean {
  try {
    const launchers = dirname(dirname(process.argv[1] ?? ''))
    return realpathSync(Buffer.from(file, 'latin1')) === realpathSync(`${launchers}/${name}`)
  } catch {
    return false
  }
}
