/** The steps of newmrh, in the order that never leaves half a cdb: read, write beside it, sync, rename. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { lowerCase } from '@yabumi/address'
import { makeCdb } from '@yabumi/cdb'
import { listLines } from '@yabumi/control'
import { errorText } from '@yabumi/trouble'

const source = 'control/morercpthosts'
const temporary = `${source}.tmp`
const target = `${source}.cdb`

/**
 * Make the cdb from its text, in the home as working directory: each line a key in lower case, without data.
 *
 * @throws Error in qmail-newmrh's words; then the cdb is as it was
 */
export function compile(): void {
  const text = attempt(`unable to read ${source}: `, () => readFileSync(source).toString('latin1'))
  const records = listLines(text).map((host) => [Buffer.from(lowerCase(host), 'latin1'), Buffer.alloc(0)] as const)
  attempt(`unable to write to ${temporary}: `, () => {
    const fd = openSync(temporary, 'w', 0o644)
    try {
      writeFileSync(fd, makeCdb(records))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
  attempt(`unable to move ${temporary} to ${target}`, () => renameSync(temporary, target)) // no colon in qmail's words
}

function attempt<Result>(text: string, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    throw new Error(text + errorText(cause), { cause })
  }
}
