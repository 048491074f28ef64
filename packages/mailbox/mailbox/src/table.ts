/**
 * users/mailboxes: a mailbox has two lines in the format of users/assign, one for its address, one for all that begin
 * with it and a `-`. newu puts them into users/cdb, after those of users/assign. One line that is a dot ends the file.
 *
 *     =example.org-anna:anna@example.org:70000:70000:/var/yabumi/mailboxes/example.org/anna:::
 *     +example.org-anna-:anna@example.org:70000:70000:/var/yabumi/mailboxes/example.org/anna:-::
 *     .
 *
 * Synced  whole, then renamed into place
 */

import { Trouble } from '@yabumi/trouble'
import { readControlled } from './files.ts'
import { addressOf, type Name, nameOf } from './names.ts'

export const tablePath = 'users/mailboxes'

export interface Mailbox {
  readonly name: Name
  readonly uid: number
  readonly gid: number
  /** Absolute path. */
  readonly home: string
}

/** @returns in the order of the file; none if it is not there. @throws Trouble 4.3.0 if it is of another form */
export function readTable(): Mailbox[] {
  const lines = (readControlled(tablePath) ?? '.\n').split('\n')
  const end = lines.findIndex((line) => line.startsWith('.'))
  if (end < 0) throw new Trouble('4.3.0', `${tablePath}: the last line must be a dot`)
  return lines.slice(0, end).flatMap((line, index) => mailboxOf(line, index + 1))
}

function mailboxOf(line: string, number: number): Mailbox[] {
  if (line.startsWith('+')) return []
  const [, address = '', uid = '', gid = '', home = ''] = line.split(':')
  if (!line.startsWith('=') || !/^\d+$/.test(uid) || !/^\d+$/.test(gid) || !home.startsWith('/'))
    throw new Trouble('4.3.0', `${tablePath}: line ${number} is no mailbox of ours`)
  return [{ name: nameOf(address), uid: Number(uid), gid: Number(gid), home }]
}

/** The text of the file. */
export function tableText(mailboxes: readonly Mailbox[]): string {
  const lines = mailboxes.flatMap(({ name, uid, gid, home }) => {
    const key = keyOf(name)
    const fields = `${addressOf(name)}:${uid}:${gid}:${home}`
    return [`=${key}:${fields}:::\n`, `+${key}-:${fields}:-::\n`]
  })
  return `${lines.join('')}.\n`
}

/** The mailbox of another domain that a name cannot be told from in the table, where `c` at `a.org-b.net` is `b.net-c` at `a.org`. */
export function likeOne(mailboxes: readonly Mailbox[], name: Name): Mailbox | undefined {
  const key = `${keyOf(name)}-`
  return mailboxes.find((each) => {
    const other = `${keyOf(each.name)}-`
    return each.name.domain !== name.domain && (key.startsWith(other) || other.startsWith(key))
  })
}

function keyOf({ localPart, domain }: Name): string {
  return `${domain}-${localPart}`
}

export function findMailbox(mailboxes: readonly Mailbox[], name: Name): Mailbox | undefined {
  const address = addressOf(name)
  return mailboxes.find((each) => addressOf(each.name) === address)
}
