/** The keys that sign now, kept in memory: reading one costs more than to sign with it. */
import { statSync } from 'node:fs'
import type { SigningKey } from '@yabumi/dkim'
import { dkimDomainsKept, dkimKeysLookSeconds } from '@yabumi/limits'
import { errorText } from '@yabumi/trouble'
import { type DomainKey, directory, readDomainKeys } from './store.ts'

/** Keys of a domain, or of the nearest one above it that has any. */
export interface SigningKeys {
  /** Those that are active, RSA first. Without RSA there are none, because many verifiers know nothing else. */
  readonly keys: readonly SigningKey[]
  /** Of keys that cannot be used, or of the directory. */
  readonly problems: readonly string[]
}

interface Kept {
  /** Undefined for a domain without a directory. */
  readonly found: SigningKeys | undefined
  readonly stamp: string
  readonly lookAgainAt: number
}

const kept = new Map<string, Kept>()

/**
 * The keys that sign for an author's domain. Never throws.
 *
 * @param domain - in A-labels, lower case
 * @returns undefined if neither it nor a domain above it has a directory of keys
 */
export function signingKeysFor(domain: string): SigningKeys | undefined {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const found = current(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether this home has keys at all. */
export function keysExist(): boolean {
  return statSync(directory, { throwIfNoEntry: false }) !== undefined
}

/** A domain's directory is looked at once in some seconds, and read again after it has changed. */
function current(domain: string): SigningKeys | undefined {
  const now = performance.now() / 1000
  const known = kept.get(domain)
  if (known !== undefined && known.lookAgainAt > now) return known.found
  const stamp = stampOf(domain)
  const found = known?.stamp === stamp ? known.found : read(domain, stamp)
  if (known === undefined && kept.size >= dkimDomainsKept) kept.clear()
  kept.set(domain, { found, stamp, lookAgainAt: now + dkimKeysLookSeconds })
  return found
}

function read(domain: string, stamp: string): SigningKeys | undefined {
  if (stamp === '') return undefined
  let all: readonly DomainKey[]
  try {
    all = readDomainKeys(domain)
  } catch (error) {
    return { keys: [], problems: [`unable to read ${directory}/${domain}: ${errorText(error)}`] }
  }
  const active = all.flatMap(({ selector, state, key }) => (state === 'active' && key !== undefined ? [{ domain, selector, key }] : []))
  const rsa = active.filter(({ key }) => key.asymmetricKeyType === 'rsa')
  const keys = rsa.length === 0 ? [] : [...rsa, ...active.filter((each) => !rsa.includes(each))]
  return { keys, problems: all.flatMap(({ problem }) => (problem === undefined ? [] : [problem])) }
}

/** A state is changed by a rename, which the directory shows. Empty if there is none. */
function stampOf(domain: string): string {
  try {
    const { ino, mtimeMs } = statSync(`${directory}/${domain}`)
    return `${ino} ${mtimeMs}`
  } catch {
    return ''
  }
}
