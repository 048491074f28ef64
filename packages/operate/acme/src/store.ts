/**
 * What is kept in state/acme/.
 *
 * - `NAME/servercert.pem`: key, certificate and those that vouch for it, for the servers to read (mode 640)
 * - `NAME/key.pem`: its key, which stays the same when it is renewed, so that TLSA records stay right
 * - `NAME/tries`: how often it was tried in vain
 * - `account/url`: how the authority calls our account, for dnsadvice to read
 * - `account/key.pem`: the key of our account; `account/lock`: held by the acme that is at work
 * - `challenges/TOKEN`: what the authority wants to see, for webfiles to read
 *
 * Synced  a key before its certificate is ordered, a certificate before its name
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { syncDirectory, writeAll } from '@yabumi/files'
import { tryLock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { KeyType } from './settings.ts'

const top = 'state/acme'
const keyMode = 0o600
/** For the group of the directory, which reads keys. */
const sharedMode = 0o640

/** @returns what gives it back. @throws Trouble 4.3.0 if another acme holds it */
export function lockStore(): () => void {
  makeDirectory(`${top}/account`)
  const fd = openSync(`${top}/account/lock`, 'a', keyMode)
  if (!tryLock(fd)) throw new Trouble('4.3.0', 'another acme is at work')
  return () => closeSync(fd)
}

/** The key of our account with whichever authority; made where there is none. */
export function accountKey(): KeyObject {
  return keyIn('account', 'ec256')
}

/** @param url - of our account with the authority; it stands in CAA records (RFC 8657) */
export function keepAccount(url: string): void {
  if (readText(`${top}/account/url`) !== `${url}\n`) write(`${top}/account`, 'url', `${url}\n`, sharedMode)
}

/** The key of a certificate; made where there is none. */
export function certificateKey(name: string, type: KeyType): KeyObject {
  return keyIn(name, type)
}

/** Undefined if there is none that can be read. */
export function readCertificate(name: string): X509Certificate | undefined {
  const text = readText(`${top}/${name}/servercert.pem`)
  try {
    return text === undefined ? undefined : new X509Certificate(text)
  } catch {
    return undefined
  }
}

/** @param chain - in PEM */
export function writeCertificate(name: string, chain: string): void {
  const key = readText(`${top}/${name}/key.pem`) ?? ''
  write(`${top}/${name}`, 'servercert.pem', `${key}${chain}`, sharedMode)
}

export function readTries(name: string): string | undefined {
  return readText(`${top}/${name}/tries`)
}

export function writeTries(name: string, text: string): void {
  makeDirectory(`${top}/${name}`)
  write(`${top}/${name}`, 'tries', text, keyMode)
}

export function removeTries(name: string): void {
  rmSync(`${top}/${name}/tries`, { force: true })
}

/** @param token - a name of a file */
export function putChallenge(token: string, text: string): void {
  makeDirectory(`${top}/challenges`)
  write(`${top}/challenges`, token, text, sharedMode)
}

export function removeChallenge(token: string): void {
  rmSync(`${top}/challenges/${token}`, { force: true })
}

function keyIn(directory: string, type: KeyType): KeyObject {
  const path = `${top}/${directory}/key.pem`
  const text = readText(path)
  if (text === undefined) {
    const { privateKey } =
      type === 'rsa2048' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    makeDirectory(`${top}/${directory}`)
    write(`${top}/${directory}`, 'key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, keyMode)
    return privateKey
  }
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw new Trouble('4.3.0', `${path}: ${errorText(cause)}; remove it to have a new key`, { cause })
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
}

/** Where it is not there; the group of the one above counts. */
function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o750 })
}

/** Whoever reads it sees the old one or the new one. */
function write(directory: string, name: string, text: string, mode: number): void {
  const path = `${directory}/${name}`
  try {
    rmSync(`${path}.new`, { force: true })
    const fd = openSync(`${path}.new`, 'wx', mode)
    try {
      writeAll(fd, Buffer.from(text, 'latin1'))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(`${path}.new`, path)
    syncDirectory(directory)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}
