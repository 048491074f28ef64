/** Where a user is logged in, and wants to be told (spec §8.4). */
import { closeSync, constants, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { loginsOf } from './utmp.ts'

const logins = '/var/run/utmp'
const mayBeTold = 0o100 // `biff y` sets it

/** Paths of the terminals of a user that belong to whoever runs this and are open for announcements. */
export function terminalsOf(user: string): string[] {
  let file: Buffer
  try {
    file = readFileSync(logins)
  } catch {
    return []
  }
  return loginsOf(file, user)
    .filter((line) => !line.startsWith('/') && !line.includes('.'))
    .map((line) => `/dev/${line}`)
    .filter(wantsToBeTold)
}

function wantsToBeTold(path: string): boolean {
  try {
    const { mode, uid } = statSync(Buffer.from(path, 'latin1'))
    return uid === process.getuid?.() && (mode & mayBeTold) !== 0
  } catch {
    return false
  }
}

/** Write without waiting for a terminal that is stopped. */
export function writeTo(path: string, text: string): void {
  try {
    const fd = openSync(Buffer.from(path, 'latin1'), constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      writeSync(fd, Buffer.from(text, 'latin1'))
    } finally {
      closeSync(fd)
    }
  } catch {
    // the next one may do
  }
}
