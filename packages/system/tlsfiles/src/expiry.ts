/** When the certificates of a home end, for those who watch over it. */
import { readdirSync, statSync } from 'node:fs'
import { uidsOf } from '@yabumi/home'
import { certificateNames } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'
import { readCertificates } from './pem.ts'
import { readSecureFile } from './securefile.ts'

export interface Expiry {
  /** The file, below the home. */
  readonly path: string
  /** Milliseconds since 1970; undefined if it cannot be read. */
  readonly expires: number | undefined
  /** Why it cannot be read. */
  readonly trouble?: string
}

/** Every certificate that a server of this home would look at (spec §16.1). The working directory is the home. */
export function certificateExpiries(): Expiry[] {
  const owners = new Set([statSync('control').uid])
  const below = (directory: string): string[] => namesIn(directory).map((name) => `${directory}/${name}/servercert.pem`)
  const ofAcme = below('state/acme').flatMap((path) => expiryOf(path, new Set([...owners, ...uidsOf(['acme'])])))
  return [...['control/servercert.pem', ...below('control/servercerts')].flatMap((path) => expiryOf(path, owners)), ...ofAcme]
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort().slice(0, certificateNames)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

function expiryOf(path: string, owners: ReadonlySet<number>): Expiry[] {
  const slash = path.indexOf('/')
  try {
    const file = readSecureFile(path.slice(0, slash), path.slice(slash + 1), owners)
    if (file === undefined) return []
    return [{ path, expires: Math.min(...readCertificates(file.text).map(({ validToDate }) => validToDate.getTime())) }]
  } catch (error) {
    return [{ path, expires: undefined, trouble: errorText(error) }]
  }
}
