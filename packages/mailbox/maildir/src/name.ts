/**
 * Names for new messages: `TIME.PID_RANDOM_COUNT.HOST`, in qmail's order so that readers sort them by time.
 *
 * PID and count keep the deliveries of one host apart. The random part, one for the life of the process, keeps others
 * apart. These are a restarted process with the same pid in the same second, containers that share host and pid, and a
 * clock set back.
 */
import { hostname } from 'node:os'
import { nowSeconds } from '@yabumi/dates'

const process36 = `${process.pid}_${Math.floor(Math.random() * 36 ** 5).toString(36)}`
let count = 0
let host: string | undefined

/** A file name that has never been used in any Maildir. */
export function uniqueName(): string {
  host ??= hostname().slice(0, 63).replaceAll('/', '\\057').replaceAll(':', '\\072')
  count += 1
  return `${nowSeconds()}.${process36}_${count}.${host}`
}

/**
 * The same name with the sizes at its end. All of it up to the flags has 70 bytes at most, which is a POP3 client's
 * limit for a message's name (RFC 1939 §7); the host's name gives way.
 */
export function sizedName(name: string, suffix: string): string {
  return name.slice(0, mostBytes - suffix.length) + suffix
}

const mostBytes = 70
