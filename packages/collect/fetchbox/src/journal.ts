/**
 * What has been copied of one mailbox: a file of lines.
 *
 *     validity UIDVALIDITY of the mailbox at FROM
 *     at UID               the next UID of TO, before a batch begins
 *     did UID              a message of FROM, which is in TO
 *
 * Synced  `at`, and all that stands above it, before the first message of the batch is given to TO
 * Crash   loses lines `did` of the last batch at most: TO is looked at from its `at` on
 */
import { createHash } from 'node:crypto'
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { syncDirectory, writeAll } from '@yabumi/files'
import { errnoOf } from '@yabumi/trouble'

export class Journal {
  readonly #path: string
  readonly #directory: string
  readonly done: Set<number> = new Set()
  /** UIDVALIDITY that the UIDs belong to; 0 if there are none. */
  validity = 0
  /** Where the last batch began in TO; undefined if there was none. */
  at: number | undefined
  #fd: number | undefined

  /** @param from - the account. @param mailbox - of it. @param to - where they go. @throws the system's error */
  constructor(directory: string, from: string, mailbox: string, to: string) {
    this.#directory = directory
    const name = createHash('sha256').update(`${from}\0${mailbox}\0${to}`).digest('hex').slice(0, 32)
    this.#path = `${directory}/${name}`
    for (const line of textOf(this.#path).split('\n').slice(0, -1)) {
      const [word, digits] = line.split(' ')
      if (word === 'validity') this.validity = Number(digits)
      else if (word === 'at') this.at = Number(digits)
      else if (word === 'did') this.done.add(Number(digits))
    }
  }

  /** A batch begins. It is on the disk when this returns. */
  begin(validity: number, uidNext: number): void {
    if (this.#fd === undefined) {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      this.#fd = openSync(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
      syncDirectory(this.#directory)
    }
    const line = `${this.validity === validity ? '' : `validity ${validity}\n`}at ${uidNext}\n`
    writeAll(this.#fd, Buffer.from(`\n${line}`)) // what a crash has cut off ends there
    fsyncSync(this.#fd)
    this.validity = validity
  }

  did(uid: number): void {
    this.done.add(uid)
    if (this.#fd !== undefined) writeAll(this.#fd, Buffer.from(`did ${uid}\n`))
  }

  close(): void {
    if (this.#fd === undefined) return
    fsyncSync(this.#fd)
    closeSync(this.#fd)
    this.#fd = undefined
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
