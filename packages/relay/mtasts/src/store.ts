/**
 * Policies on the disk, so that what was once known of a domain is known after a restart (RFC 8461 §10.2).
 *
 * Writes  state/remote/sts/DOMAIN: a line `EPOCH ID`, then the policy as it was fetched; renamed into place. The time
 *         of the file is when mail last asked for it, to the day
 * Crash   leaves a file `.PID.tmp`, which is nobody's policy, and is written over
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDomain } from '@yabumi/address'
import { stsPolicies } from '@yabumi/limits'
import { type Policy, parsePolicy } from './policy.ts'

/** What is known of a domain. */
export interface Kept {
  readonly policy: Policy
  readonly id: string
  /** When it was fetched, in seconds of Unix time. */
  readonly fetched: number
  /** When mail last asked for it, likewise. */
  readonly used: number
}

const directory = 'state/remote/sts'

/** @returns undefined where there is none, or none that can be read */
export function readKept(domain: string): Kept | undefined {
  const file = fileOf(domain)
  if (file === undefined) return undefined
  try {
    const [first = '', ...lines] = readFileSync(file, 'latin1').split('\n')
    const [, fetched, id] = /^([0-9]{1,12}) ([A-Za-z0-9]{1,32})$/.exec(first) ?? []
    const policy = parsePolicy(lines.join('\n'))
    return policy === undefined || id === undefined
      ? undefined
      : { policy, id, fetched: Number(fetched), used: statSync(file).mtimeMs / 1000 }
  } catch {
    return undefined
  }
}

/** Mail asks for it now. */
export function noteUse(domain: string, now: number): void {
  const file = fileOf(domain)
  try {
    if (file !== undefined) utimesSync(file, now, now)
  } catch {
    // it is looked after for a shorter time
  }
}

/** Of all that are kept. */
export function keptDomains(): string[] {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith('.'))
  } catch {
    return []
  }
}

/** @param text - of the policy. @param used - when mail last asked for it. A store that cannot be written keeps nothing. */
export function keep(domain: string, text: string, id: string, fetched: number, used: number = fetched): void {
  const file = fileOf(domain)
  if (file === undefined) return
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    makeRoom()
    const temporary = join(directory, `.${process.pid}.tmp`)
    writeFileSync(temporary, `${fetched} ${id}\n${text}`, 'latin1')
    utimesSync(temporary, used, used)
    renameSync(temporary, file)
  } catch {
    // what is fetched again next time
  }
}

/** The domain has none any more. What cannot be removed counts until its time is up. */
export function forgetPolicy(domain: string): void {
  const file = fileOf(domain)
  try {
    if (file !== undefined) rmSync(file, { force: true })
  } catch {
    // whoever asks for mail's sake gets an answer all the same
  }
}

/** A name with other bytes than a domain has is no file. */
function fileOf(domain: string): string | undefined {
  return isDomain(domain) && /^[a-z0-9]/.test(domain) && domain.length < 254 ? join(directory, domain) : undefined
}

let known: number | undefined

/** The tenth that was not used for longest goes when there are too many. */
function makeRoom(): void {
  known = (known ?? readdirSync(directory).length) + 1
  if (known <= stsPolicies) return
  const files = readdirSync(directory).map((name) => join(directory, name))
  const aged = files.map((file) => ({ file, time: statSync(file).mtimeMs })).sort((a, b) => a.time - b.time)
  for (const { file } of aged.slice(0, Math.ceil(stsPolicies / 10))) rmSync(file, { force: true })
  known = undefined
}
