/**
 * The secret by which verifiers are invented for logins that have none: a file `scramsecret` beside the passwords, made
 * once.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { replaceFile } from '@yabumi/files'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

const secretBytes = 32

/** @throws Trouble 4.3.0 if it can be neither read nor made */
export function siteSecret(path: string): Buffer {
  try {
    const secret = readFileSync(path)
    if (secret.length === secretBytes) return secret
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
  try {
    const secret = randomBytes(secretBytes)
    replaceFile(path, secret)
    return secret
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}
