/**
 * The password file: lines `LOGIN:HASH`, `LOGIN:HASH:SECRET` or `LOGIN:HASH:SECRET:VERIFIER`, mode 600, where SECRET
 * may be empty. Lines starting with `#` are comments.
 *
 * HASH is the PHC string of hash.ts. SECRET is the password itself in base64, which is what APOP needs (RFC 1939 §7).
 * VERIFIER is what SCRAM needs (package sasl), and has colons of its own.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/** What is stored for a login. Logins are byte strings and are compared exactly. */
export interface Entry {
  readonly hash: string
  /** The password as it was set, where its owner wanted APOP. */
  readonly secret: Buffer | undefined
  /** For SCRAM, where one was made. */
  readonly verifier?: string
}

/** The login that a line belongs to; undefined for a comment or a line of another shape. */
export function loginOf(line: string): string | undefined {
  const colon = line.indexOf(':')
  return colon <= 0 || line.startsWith('#') ? undefined : line.slice(0, colon)
}

/** The line of an entry, without its line end. */
export function lineOf(login: string, entry: Entry): string {
  const line = `${login}:${entry.hash}`
  const secret = entry.secret?.toString('base64')
  if (entry.verifier !== undefined) return `${line}:${secret ?? ''}:${entry.verifier}`
  return secret === undefined ? line : `${line}:${secret}`
}

/**
 * Look a login up.
 *
 * @returns undefined if there is no such login, or no password file at all
 * @throws Trouble 4.3.0 if the file cannot be read or others could read it too
 */
export function findEntry(path: string, login: string): Entry | undefined {
  const line = readPasswords(path)
    ?.split('\n')
    .find((each) => loginOf(each) === login)
  return line === undefined ? undefined : entryOf(line)
}

/** The entry that a line of a login holds. */
export function entryOf(line: string): Entry {
  const [, hash = '', secret = '', ...verifier] = line.split(':')
  return {
    hash,
    secret: secret === '' ? undefined : Buffer.from(secret, 'base64'),
    ...(verifier.length > 0 && { verifier: verifier.join(':') }),
  }
}

/** The whole file as a byte string; undefined if there is none. */
export function readPasswords(path: string): string | undefined {
  let fd: number
  try {
    // it may lie in a directory of another account than ours
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
  try {
    const stats = fstatSync(fd)
    const { mode } = stats
    if (!stats.isFile()) throw new Trouble('4.3.0', `${path} is no file`)
    if ((mode & 0o077) !== 0) {
      throw new Trouble('4.3.0', `${path} is open to others (mode ${(mode & 0o777).toString(8)}); say chmod 600 ${path}`)
    }
    return readFileSync(fd).toString('latin1')
  } finally {
    closeSync(fd)
  }
}
