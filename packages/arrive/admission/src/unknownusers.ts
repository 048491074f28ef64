/**
 * control/unknownusers: what smtpd does with recipients who do not exist.
 *
 * A line that is neither of its words leaves what held before; package control names it. At first it refuses, because
 * it stands before a door.
 */
import { readLine } from '@yabumi/control'

const values = ['accept', 'refuse'] as const

/** What is done with such a recipient. */
export type UnknownUsers = (typeof values)[number]

/**
 * Read it.
 *
 * @param before - the last good reading
 * @returns `accept` where there is no such file
 * @throws Trouble 4.3.0 if it cannot be read
 */
export function readUnknownUsers(before: UnknownUsers = 'refuse'): UnknownUsers {
  const line = readLine('unknownusers')
  return line === undefined ? 'accept' : (values.find((value) => value === line) ?? before)
}
