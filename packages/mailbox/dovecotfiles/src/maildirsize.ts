/**
 * maildirsize in the root of the Maildir: its quota, as Courier, Dovecot and maildrop count it too (Maildir++).
 *
 * Reads   `<bytes>S[,<count>C]`, then lines `<bytes> <count>`, which are summed
 * Writes  a change with one write at the end of the file; a new count in tmp/, renamed
 * Synced  nothing: what a power cut takes the next count gives back
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { maildirsizeBytes } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'

/** Most that may lie there; 0 is no limit. */
export interface QuotaLimit {
  readonly bytes: number
  readonly count: number
}

export interface Usage {
  readonly bytes: number
  readonly count: number
}

/** What the bytes of a file say; undefined if the file must be made anew. */
export function parseMaildirsize(text: string): { limit: QuotaLimit; used: Usage; lines: number } | undefined {
  const [first = '', ...rest] = text.split('\n')
  const limit = limitOf(first)
  if (limit === undefined || rest.pop() !== '') return undefined
  let [bytes, count] = [0, 0]
  for (const line of rest) {
    const [, size, number] = /^ *(-?[0-9]{1,15}) +(-?[0-9]{1,15}) *$/.exec(line) ?? []
    if (size === undefined) return undefined
    bytes += Number(size)
    count += Number(number)
  }
  return { limit, used: { bytes, count }, lines: rest.length }
}

function limitOf(line: string): QuotaLimit | undefined {
  if (line !== '' && !/^[0-9]{1,15}[SC](,[0-9]{1,15}[SC])*$/.test(line)) return undefined
  const value = (letter: string): number => Number(new RegExp(`([0-9]+)${letter}`).exec(line)?.[1] ?? 0)
  return { bytes: value('S'), count: value('C') }
}

const oldMilliseconds = 15 * 60_000

/**
 * What lies in the Maildir, from the file where it can be believed.
 *
 * @param root - of the Maildir, a byte string without a slash at its end
 * @param limit - of the installation; undefined where the file's own counts
 * @param count - counts every message; its result is written
 * @throws the system's error
 */
export function readUsage(
  root: string,
  limit: QuotaLimit | undefined,
  count: () => Usage,
  mode: number,
): { limit: QuotaLimit; used: Usage } {
  const file = readFile(`${root}/maildirsize`)
  const parsed = file === undefined ? undefined : parseMaildirsize(file.text)
  const wanted = limit ?? parsed?.limit ?? { bytes: 0, count: 0 }
  if (file !== undefined && parsed !== undefined && isBelievable(parsed, wanted, file)) return { limit: wanted, used: parsed.used }
  const used = count()
  if (limit !== undefined || file !== undefined) writeAnew(root, wanted, used, mode)
  return { limit: wanted, used }
}

function isBelievable(
  { limit, used, lines }: { limit: QuotaLimit; used: Usage; lines: number },
  wanted: QuotaLimit,
  { bytes, modified }: { bytes: number; modified: number },
): boolean {
  if (limit.bytes !== wanted.bytes || limit.count !== wanted.count) return false
  if (bytes > maildirsizeBytes || used.bytes < 0 || used.count < 0) return false
  return !isOver(wanted, used) || (lines <= 1 && Date.now() - modified < oldMilliseconds)
}

/** Whether more lies there than may. */
export function isOver(limit: QuotaLimit, used: Usage): boolean {
  return (limit.bytes > 0 && used.bytes > limit.bytes) || (limit.count > 0 && used.count > limit.count)
}

/** Whether the Maildir has the file: without it, and without a limit, nothing need be counted. */
export function isCounted(root: string): boolean {
  return lstatSync(`${root}/maildirsize`, { throwIfNoEntry: false }) !== undefined
}

/** Note what came or went. Where there is no file nobody counts. @throws the system's error */
export function noteUsage(root: string, { bytes, count }: Usage): void {
  try {
    const fd = openSync(`${root}/maildirsize`, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      writeSync(fd, `${bytes} ${count}\n`)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

function writeAnew(root: string, limit: QuotaLimit, used: Usage, mode: number): void {
  const temporary = `${root}/tmp/maildirsize.${process.pid}.${Date.now()}`
  const limits = `${limit.bytes}S${limit.count > 0 ? `,${limit.count}C` : ''}`
  writeFileSync(temporary, `${limits}\n${used.bytes} ${used.count}\n`, { mode, flag: 'wx' })
  renameSync(temporary, `${root}/maildirsize`)
}

function readFile(path: string): { text: string; bytes: number; modified: number } | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { size, mtimeMs } = fstatSync(fd)
    return { text: size > maildirsizeBytes ? '' : readFileSync(fd, 'latin1'), bytes: size, modified: mtimeMs }
  } finally {
    closeSync(fd)
  }
}
