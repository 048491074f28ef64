/** The steps of newu, in the order that never leaves half a users/cdb: read, write beside it, sync, rename. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { makeCdb } from '@yabumi/cdb'
import { parseAssignments } from './assign.ts'

/** Why there is no new users/cdb, in qmail-newu's words. */
export class Failure extends Error {}

const source = 'users/assign'
const temporary = 'users/cdb.tmp'
const target = 'users/cdb'

/**
 * Make users/cdb from users/assign, in the home as working directory.
 *
 * @throws Failure; then users/cdb is as it was
 */
export function compile(): void {
  const from = attempt(`unable to open ${source}`, () => openSync(source, 'r'))
  const to = attempt(`unable to open ${temporary}`, () => openSync(temporary, 'w', 0o644))
  const text = attempt(`unable to read ${source}`, () => readFileSync(from).toString('latin1'))
  const records = attempt(`bad format in ${source}`, () => parseAssignments(text))
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
