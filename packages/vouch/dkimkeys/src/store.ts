/**
 * Read the keys of a domain and their states (spec §19.1).
 *
 * Trust   a key that the account of remote could write is not used: whoever took that account over could put one there.
 *         So a key is a file of root's, or of the home's owner where nothing is root's, that neither its group nor
 *         others may write. Links are not followed.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { hasAccounts } from '@yabumi/home'
import { dkimKeyFileBytes, dkimKeysOfDomain } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'

export const directory = 'control/dkim'

/** new: not in the DNS yet; active: signs; retiring: signs no more, but its record is still needed; retired: the record may go. */
export type State = 'new' | 'active' | 'retiring' | 'retired'

export interface DomainKey {
  readonly domain: string
  readonly selector: string
  readonly state: State
  /** Since when, in seconds since 1970. */
  readonly since: number
  /** When its record was first seen in the DNS; undefined before that. */
  readonly seenAt: number | undefined
  /** Undefined where there is a problem. */
  readonly key: KeyObject | undefined
  /** Why it cannot be used. */
  readonly problem: string | undefined
}

const selectorForm = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/
const domainForm = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)+$/
const stateForm =
  /^(new|active|retiring|retired) ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z)(?: seen ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z))?\n?$/
const othersMayWrite = 0o022

export function isDomain(text: string): boolean {
  return domainForm.test(text)
}

export function isSelector(text: string): boolean {
  return selectorForm.test(text)
}

/** What stands in SELECTOR.state. @param since - and seenAt: seconds since 1970 */
export function stateLine(state: State, since: number, seenAt: number | undefined): string {
  const written = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/\.[0-9]+Z$/, 'Z')
  return `${state} ${written(since)}${seenAt === undefined ? '' : ` seen ${written(seenAt)}`}\n`
}

/** The domains that have a directory, sorted. @throws the system's error, if the directory is there and cannot be read */
export function domainsWithKeys(): string[] {
  return namesIn(directory)
    .filter((name) => domainForm.test(name))
    .sort()
}

/** The keys of a domain by selector. @returns none for a domain without a directory; @throws the system's error for one that cannot be read */
export function readDomainKeys(domain: string): DomainKey[] {
  if (!domainForm.test(domain)) return []
  return namesIn(`${directory}/${domain}`)
    .flatMap((name) => (name.endsWith('.key') ? [name.slice(0, -'.key'.length)] : []))
    .filter((selector) => selectorForm.test(selector))
    .sort()
    .slice(0, dkimKeysOfDomain)
    .map((selector) => readKey(domain, selector))
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path, 'latin1')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return []
    throw error
  }
}

function readKey(domain: string, selector: string): DomainKey {
  const path = `${directory}/${domain}/${selector}`
  const unusable = (problem: string): DomainKey => {
    return { domain, selector, state: 'new', since: 0, seenAt: undefined, key: undefined, problem }
  }
  try {
    const [, state, since = '', seen] = stateForm.exec(readOwn(`${path}.state`).toString('latin1')) ?? []
    if (state === undefined) return unusable(`${path}.state has no state`)
    const key = createPrivateKey(readOwn(`${path}.key`))
    const kind = key.asymmetricKeyType
    if (kind !== 'rsa' && kind !== 'ed25519') return unusable(`${path}.key is neither RSA nor Ed25519`)
    const seenAt = seen === undefined ? undefined : secondsOf(seen)
    return { domain, selector, state: state as State, since: secondsOf(since), seenAt, key, problem: undefined }
  } catch (error) {
    return unusable(error instanceof Unfit ? error.message : `unable to read ${path}.key: ${errorText(error)}`)
  }
}

/** What is there, but must not be used. */
class Unfit extends Error {}

function readOwn(path: string): Buffer {
  for (let part = 'control'; part.length < path.length; part = path.slice(0, path.indexOf('/', part.length + 1) >>> 0)) {
    expectOwn(part, lstatSync(part), lstatSync(part).isDirectory())
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(fd)
    expectOwn(path, stat, stat.isFile())
    if (stat.size > dkimKeyFileBytes) throw new Unfit(`${path} is larger than a key`)
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

function expectOwn(path: string, { uid, mode }: Stats, isRight: boolean): void {
  if (!isRight) throw new Unfit(`${path} is not what it should be`)
  const owner = hasAccounts('.') ? 0 : lstatSync('.').uid
  if (uid !== 0 && uid !== owner) throw new Unfit(`${path} is not root's, so somebody else could change it`)
  if ((mode & othersMayWrite) !== 0) throw new Unfit(`${path} may be written by others`)
}

function secondsOf(text: string): number {
  return Date.parse(text) / 1000
}
