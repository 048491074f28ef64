/**
 * Salted slow hashes, and whether what a client sent is the password.
 *
 * scrypt (RFC 7914), written as a PHC string: `$scrypt$ln=15,r=8,p=1$SALT$HASH`, salt and hash in base64 without
 * padding. The parameters are stored with each hash, so a change of ours concerns new passwords only.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { Entry } from './file.ts'

interface Scrypt {
  /** Binary logarithm of scrypt's N: memory and time double with each step. */
  readonly ln: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

// 32 MiB and some 70 ms: as much as a mailbox that is polled every minute should cost its server
const current = { ln: 15, r: 8, p: 1 }
const saltBytes = 16
const hashBytes = 32
const shortestHashBytes = 16 // a hash cut short would let others in as well
const memoryBytes = 256 * 1024 * 1024 // a hash that asks for more is damaged: nobody's login may eat the machine

/** In a thread: whoever else wants something meanwhile has it. */
function derive(password: Buffer, { ln, r, p, salt }: Omit<Scrypt, 'hash'>, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N: 2 ** ln, r, p, maxmem: memoryBytes }, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

/** Hash a password with a fresh salt. @returns a PHC string: printable, without a colon */
export async function hashPassword(password: Buffer): Promise<string> {
  const salt = randomBytes(saltBytes)
  const { ln, r, p } = current
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(await derive(password, { ...current, salt }, hashBytes))}`
}

function parse(text: string): Scrypt | undefined {
  const parts = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  if (parts === null) return undefined
  const [, ln, r, p, salt = '', hash = ''] = parts
  const bytes = Buffer.from(hash, 'base64')
  if (bytes.length < shortestHashBytes) return undefined
  return { ln: Number(ln), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64'), hash: bytes }
}

/** In place of an entry for a login that does not exist: never matched, as slow as a real one. */
const nobody: Scrypt = { ...current, salt: Buffer.alloc(saltBytes), hash: Buffer.alloc(hashBytes) }
const noSecret = Buffer.alloc(0)

/**
 * Whether a client that sent this may log in.
 *
 * Where the interface has one field for two things, as that below popup (spec §6.2), both are tried: `sent` as the APOP digest of the
 * challenge, then as the password. A refusal makes the same calls whether or not the login exists, or has a secret for APOP.
 *
 * @param entry - undefined if there is no such login
 * @param challenge - what the server greeted with, angle brackets included; undefined if `sent` can only be the password
 */
export async function matches(entry: Entry | undefined, sent: Buffer, challenge: Buffer | undefined): Promise<boolean> {
  const isRightDigest = challenge !== undefined && isDigest(entry?.secret ?? noSecret, sent, challenge)
  if (isRightDigest && entry?.secret !== undefined) return true
  const stored = entry === undefined ? undefined : parse(entry.hash)
  const { hash, ...parameters } = stored ?? nobody
  return timingSafeEqual(await derive(sent, parameters, hash.length), hash) && stored !== undefined
}

/** RFC 1939 §7: MD5 over the challenge and the secret, in lower-case hexadecimal digits. */
function isDigest(secret: Buffer, sent: Buffer, challenge: Buffer): boolean {
  const expected = Buffer.from(createHash('md5').update(challenge).update(secret).digest('hex'))
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
