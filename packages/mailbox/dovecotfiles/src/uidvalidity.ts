/**
 * dovecot-uidvalidity in the root of the Maildir: each mailbox that is made gets a UIDVALIDITY that none had before.
 *
 * Reads   the file, with the last one in 8 hexadecimal digits, and the name of its empty twin,
 *         dovecot-uidvalidity.XXXXXXXX
 * Writes  the twin is renamed to the next number, which one process alone can do; then the file
 * Synced  the directory, before the number is told
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { syncDirectory } from '@yabumi/files'
import { errnoOf } from '@yabumi/trouble'

const attempts = 1_000
const largest = 4_294_967_295
const twin = /^dovecot-uidvalidity\.([0-9a-f]{8})$/

/**
 * Take the next UIDVALIDITY.
 *
 * @param root - of the Maildir, a byte string without a slash at its end
 * @param mode - permissions of files that are made
 * @throws the system's error
 */
export function nextUidValidity(root: string, mode: number): number {
  const file = `${root}/dovecot-uidvalidity`
  for (let attempt = 0; ; attempt += 1) {
    const twins = twinsIn(root)
    const last = Math.max(written(file), ...twins)
    const next = last > 0 && last < largest ? last + 1 : nowSeconds()
    if (claim(file, twins.at(-1), next)) {
      const temporary = `${file}.tmp${process.pid}`
      writeFileSync(temporary, hex(next), { mode })
      renameSync(temporary, file)
      syncDirectory(root)
      return next
    }
    if (attempt === attempts) throw Object.assign(new Error(`${file} cannot be counted up`), { code: 'EBUSY' })
  }
}

/** @returns false if another process was faster */
function claim(file: string, last: number | undefined, next: number): boolean {
  try {
    if (last !== undefined) renameSync(`${file}.${hex(last)}`, `${file}.${hex(next)}`)
    else closeSync(openSync(`${file}.${hex(next)}`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o444))
    return true
  } catch (error) {
    if (['ENOENT', 'EEXIST'].includes(errnoOf(error) ?? '')) return false
    throw error
  }
}

function twinsIn(root: string): number[] {
  const found = readdirSync(root, 'latin1').map((name) => Number.parseInt(twin.exec(name)?.[1] ?? '0', 16))
  return found.filter((number) => number > 0).sort((a, b) => a - b)
}

function written(file: string): number {
  try {
    const text = readFileSync(file, { encoding: 'latin1', flag: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK })
    return /^[0-9a-f]{8}$/.test(text) ? Number.parseInt(text, 16) : 0
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0
    throw error
  }
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0')
}
