/** Make a pair of keys for a domain: RSA, which everybody verifies, and Ed25519. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readDomainKeys } from '@yabumi/dkimkeys'
import { Trouble } from '@yabumi/trouble'
import { makeDirectories, rightsOfKeys, writeFile, writeState } from './files.ts'

export interface Made {
  readonly selector: string
  readonly key: KeyObject
}

/** RFC 8301 §3.2: signers use at least this. More would not fit one string of the DNS better, and cost each message more. */
const rsaBits = 2_048
/** Of one month: `a` and `e`, then `b` and `f`, and so on. */
const pairs = ['ae', 'bf', 'cg', 'dh'] as const

/** @param now - seconds since 1970. @throws Trouble 5.3.5 if this month's names are used up */
export function makeKeys(domain: string, now: number): Made[] {
  const month = new Date(now * 1000).toISOString().slice(0, 7).replace('-', '')
  const taken = new Set(readDomainKeys(domain).map(({ selector }) => selector))
  const pair = pairs.find((letters) => [...letters].every((letter) => !taken.has(month + letter)))
  if (pair === undefined) throw new Trouble('5.3.5', `${domain} has four pairs of keys of this month; retire some, and remove their files`)
  const rights = rightsOfKeys()
  makeDirectories(domain, rights)
  const made: Made[] = [
    { selector: month + pair[0], key: generateKeyPairSync('rsa', { modulusLength: rsaBits }).privateKey },
    { selector: month + pair[1], key: generateKeyPairSync('ed25519').privateKey },
  ]
  for (const { selector, key } of made) {
    writeFile(domain, `${selector}.key`, key.export({ format: 'pem', type: 'pkcs8' }) as string, rights)
    writeState(domain, selector, 'new', now)
  }
  return made
}
