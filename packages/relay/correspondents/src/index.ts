/**
 * To whom mail has gone: their answers need not prove that they come back (control/greylist).
 *
 * Writes  state/correspondents/sent, 16 characters and a line end for each address, and older ones in sent.old. rspawn
 *         writes, and of the other accounts only smtpd's reads. No address stands there, but whoever may read it can
 *         try whether one is among them
 * Crash   forgets at most the last line; a torn one says nothing
 */
import { createHash } from 'node:crypto'
import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { correspondents as most } from '@yabumi/limits'

const directory = 'state/correspondents'
const path = `${directory}/sent`
const lineBytes = 17

/** What stands for an address. @param address - a byte string; case does not count */
function markOf(address: string): string {
  return createHash('sha256')
    .update(address.toLowerCase(), 'latin1')
    .digest('base64url')
    .slice(0, lineBytes - 1)
}

/** Remembers who got mail, in rspawn. */
export class SentTo {
  #recent = new Set<string>()

  /** Mail for this address has been taken by its host. @param sender - bounces and forwards by SRS are nobody's letters. @throws an error of node:fs */
  add(sender: string, recipient: string): void {
    if (sender === '' || /^srs[01][=+-]/i.test(sender)) return
    const mark = markOf(recipient)
    if (this.#recent.has(mark)) return
    if (this.#recent.size >= most) this.#recent = new Set()
    this.#recent.add(mark)
    mkdirSync(directory, { recursive: true, mode: 0o750 })
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= most * lineBytes) renameSync(path, `${path}.old`)
    append(`${mark}\n`)
  }
}

/** Whatever the umask: the directory gives the file its group. */
function append(line: string): void {
  const fd = openSync(path, 'a', 0o640)
  try {
    if (fstatSync(fd).size === 0) fchmodSync(fd, 0o640)
    writeSync(fd, line)
  } finally {
    closeSync(fd)
  }
}

/** Knows them, in smtpd. */
export class Correspondents {
  #seen = ''
  #marks = new Set<string>()

  /** Whether mail has gone to an address. Never throws: what cannot be read names nobody */
  has(address: string): boolean {
    const now = `${stampOf(path)} ${stampOf(`${path}.old`)}`
    if (now !== this.#seen) this.#marks = new Set([...read(`${path}.old`), ...read(path)])
    this.#seen = now
    return this.#marks.has(markOf(address))
  }
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return ''
  }
}

function read(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n')
  } catch {
    return []
  }
}
