/**
 * To whom mail has gone: their answers need not prove that they come back (control/greylist).
 *
 * Writes  state/correspondents/sent, 16 characters and a line end for each address, and older ones in sent.old. No
 *         address stands there, only what is made of it. rspawn alone writes, everybody may read
 * Crash   forgets at most the last line; a torn one says nothing
 */
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
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
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= most * lineBytes) renameSync(path, `${path}.old`)
    appendFileSync(path, `${mark}\n`, { mode: 0o644 })
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
