/**
 * Which accounts get mail: never root, and of the others those that the options, users/ and their homes' owners allow
 * (spec §7.3).
 */
import { statSync } from 'node:fs'
import { errnoOf, Trouble } from '@yabumi/trouble'
import type { Options } from './options.ts'
import type { Tables } from './tables.ts'

/** An account that may get mail. All byte strings, the numbers as they were written. */
export interface Account {
  readonly user: string
  readonly uid: string
  readonly gid: string
  readonly home: string
}

/** `user:password:uid:gid:gecos:home:`, and anything behind that; undefined for a line that is none. */
export function parseLine(line: string): Account | undefined {
  const fields = /^([^:\0]*):[^:\0]*:([^:\0]*):([^:\0]*):[^:\0]*:([^:\0]*):[^\0]*$/.exec(line)
  if (fields === null) return undefined
  const [, user = '', uid = '', gid = '', home = ''] = fields
  return { user, uid, gid, home }
}

/** Whether an account gets mail. @throws Trouble 4.3.0 if its home cannot be looked at */
export function isUser({ user, uid, home }: Account, options: Options, { include, exclude }: Tables): boolean {
  const number = Number(/^[0-9]*/.exec(uid)?.[0])
  if (number === 0) return false // root, and what is no number
  if (!options.capitals && /[A-Z]/.test(user)) return false
  if (include !== undefined && !include.has(user)) return false
  if (exclude?.has(user)) return false
  return options.homeCheck === 'none' || ownsHome(home, number, options.homeCheck === 'die if missing')
}

function ownsHome(home: string, uid: number, mustExist: boolean): boolean {
  try {
    return statSync(Buffer.from(home, 'latin1')).uid === uid
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' && !mustExist) return false
    throw new Trouble('4.3.0', `unable to stat ${home}`, { cause })
  }
}
