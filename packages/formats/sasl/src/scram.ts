/**
 * What both sides of SCRAM calculate (RFC 5802 §3), and what a server keeps in place of a password.
 *
 * A verifier lets nobody log in elsewhere, nor here without its password; but it lets everybody who has it try
 * passwords.
 */
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { scramIterations, scramIterationsMost } from '@yabumi/limits'
import { decodeBase64 } from './base64.ts'

export type ScramHash = 'sha1' | 'sha256'

export interface ScramVerifier {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export const keyBytes: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32 }
const saltBytes = 16

export function hmac(hash: ScramHash, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text, 'latin1').digest()
}

export function digest(hash: ScramHash, bytes: Buffer): Buffer {
  return createHash(hash).update(bytes).digest()
}

export function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)))
}

/**
 * UTF-8 as RFC 8265 §4.2 compares passwords: composed (NFC), every blank of Unicode a blank. Other bytes stay as they are.
 *
 * @param text - a byte string
 */
export function normalised(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  if (!bytes.some((byte) => byte > 127)) return text
  const characters = bytes.toString('utf8')
  if (!Buffer.from(characters, 'utf8').equals(bytes)) return text
  return Buffer.from(characters.replace(/\p{Zs}/gu, ' ').normalize('NFC'), 'utf8').toString('latin1')
}

/** Meant to be slow, in a thread. @param password - a byte string */
export function saltedPassword(hash: ScramHash, password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  return promisify(pbkdf2)(Buffer.from(normalised(password), 'latin1'), salt, iterations, keyBytes[hash], hash)
}

/** What a server keeps. @param password - a byte string. @param salt, iterations - fresh ones, and as many as are usual, if not said */
export async function makeVerifier(
  password: string,
  salt: Buffer = randomBytes(saltBytes),
  iterations: number = scramIterations,
  hash: ScramHash = 'sha256',
): Promise<ScramVerifier> {
  const salted = await saltedPassword(hash, password, salt, iterations)
  return { iterations, salt, storedKey: digest(hash, hmac(hash, salted, 'Client Key')), serverKey: hmac(hash, salted, 'Server Key') }
}

/** One for a login that does not exist: the same each time for the same secret, and nothing fits. @param secret - of this site */
export function inventedVerifier(login: string, secret: Buffer): ScramVerifier {
  const of = (part: string): Buffer => hmac('sha256', secret, `${part}\0${login}`)
  return { iterations: scramIterations, salt: of('salt').subarray(0, saltBytes), storedKey: of('stored'), serverKey: of('server') }
}

/** `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`, the last three in base64. */
export function verifierText({ iterations, salt, storedKey, serverKey }: ScramVerifier): string {
  const [a, b, c] = [salt, storedKey, serverKey].map((bytes) => bytes.toString('base64'))
  return `SCRAM-SHA-256$${iterations}:${a}$${b}:${c}`
}

/** @returns undefined if that is no verifier, or asks for more than anybody should calculate */
export function parseVerifier(text: string): ScramVerifier | undefined {
  const [, count, ...parts] = /^SCRAM-SHA-256\$([1-9]\d{0,8}):([^$:]+)\$([^$:]+):([^$:]+)$/.exec(text) ?? []
  const [salt, storedKey, serverKey] = parts.map(bytesOf)
  if (salt === undefined || storedKey?.length !== keyBytes.sha256 || serverKey?.length !== keyBytes.sha256) return undefined
  const iterations = Number(count)
  return iterations > scramIterationsMost ? undefined : { iterations, salt, storedKey, serverKey }
}

/** @returns undefined if that is no base64 */
export function bytesOf(text: string): Buffer | undefined {
  const decoded = decodeBase64(text)
  return decoded === undefined ? undefined : Buffer.from(decoded, 'latin1')
}
