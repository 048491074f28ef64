import { readLine } from '@yabumi/control'

const values = ['accept', 'refuse'] as const

/** control/unknownusers: what smtpd does with recipients who do not exist. */
export type UnknownUsers = (typeof values)[number]

/**
 * Read it. A line that is none of both, which package control names, leaves what held before; at first it refuses, because it stands before a door.
 *
 * @param before - the last good reading
 * @returns `accept` where there is no such file
 * @throws Trouble 4.3.0 if it cannot be read
 */
export function readUnknownUsers(before: UnknownUsers = 'refuse'): UnknownUsers {
  const line = readLine('unknownusers')
  return line === undefined ? 'accept' : (values.find((value) => value === line) ?? before)
}
