/** The steps of newu, in the order that never leaves half a users/cdb: read, write beside it, sync, rename. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { makeCdb } from '@yabumi/cdb'
import { beforeDot, parseAssignments } from './assign.ts'

/** Why there is no new users/cdb, in qmail-newu's words. */
export class Failure extends Error {}

const source = 'users/assign'
/** Written by the program mailbox; its lines come behind the others. */
const mailboxes = 'users/mailboxes'
const nothing = '.\n'
const temporary = 'users/cdb.tmp'
const target = 'users/cdb'

/**
 * Make users/cdb from users/assign and users/mailboxes, in the home as working directory. One of them has to be there.
 *
 * @throws Failure; then users/cdb is as it was
 */
export function compile(): void {
  const hasMailboxes = existsSync(mailboxes)
  const isAlone = hasMailboxes && !existsSync(source)
  const from = isAlone ? undefined : attempt(`unable to open ${source}`, () => openSync(source, 'r'))
  const to = attempt(`unable to open ${temporary}`, () => openSync(temporary, 'w', 0o644))
  const text = from === undefined ? nothing : attempt(`unable to read ${source}`, () => readFileSync(from).toString('latin1'))
  const more = hasMailboxes ? attempt(`unable to read ${mailboxes}`, () => readFileSync(mailboxes).toString('latin1')) : nothing
  attempt(`bad format in ${mailboxes}`, () => parseAssignments(more))
  const records = attempt(`bad format in ${source}`, () => parseAssignments(`${beforeDot(text)}${more}`))
  attempt(`unable to write ${temporary}`, () => {
    writeFileSync(to, makeCdb(records))
    fsyncSync(to)
    closeSync(to)
  })
  attempt(`unable to move ${temporary} to ${target}`, () => renameSync(temporary, target))
}

function attempt<Result>(text: string, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    throw new Failure(text, { cause })
  }
}
