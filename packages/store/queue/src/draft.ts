/**
 * The files of one message before it is accepted, written in the order of spec §1.4.
 *
 * - S1: nothing.
 * - S2: createMess. pid/PID.TIME.SEQ is made, or a spare file taken. Its inode becomes the number, and it moves to
 *   mess/S/number.
 * - S3: createIntd, which makes intd/number. A spare file is written where it is, and has no such state.
 * - S4: somebody else links or renames that to todo/number, once both files are synced. The message is accepted.
 *
 * A file is never put in the place of another. By the design a fresh inode has no file of its number yet. But a queue
 * that was copied by hand breaks that, and an accepted message must not pay for it.
 */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, renameSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { removeQuietly, writeAll } from '@yabumi/files'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { exitCode, QueueTrouble, step } from './exitcode.ts'
import type { Spares } from './spares.ts'

const pidNames = 9

export class Draft {
  readonly id: MessageId
  readonly messPath: string
  readonly todoPath: string
  /** Of the envelope as long as it is not in todo/. */
  intdPath: string
  /** Descriptors; -1 when closed or not open yet. */
  mess: number
  intd = -1
  #madeIntd = false
  readonly #spares: Spares | undefined
  /** How far the old content of a spare file goes beyond what has been written. */
  #messExcess = 0
  #intdExcess = 0

  /** S1 -> S2. */
  constructor(spares?: Spares) {
    this.#spares = spares
    const spare = spares?.take('mess')
    const { path, fd } = spare ?? createPidFile()
    this.mess = fd
    this.#messExcess = spare?.sizeBytes ?? 0
    try {
      this.id = inodeOf(fd)
      this.messPath = queuePath('mess', this.id)
      this.intdPath = queuePath('intd', this.id)
      this.todoPath = queuePath('todo', this.id)
      step(exitCode.mess, () => moveToFree(path, this.messPath))
      this.#spares?.moved(path)
    } catch (error) {
      closeSync(fd)
      removeQuietly(path)
      throw error
    }
  }

  /** S2 -> S3. */
  createIntd(): void {
    const spare = this.#spares?.take('todo')
    if (spare === undefined) this.intd = step(exitCode.intd, () => openSync(this.intdPath, 'wx', 0o644))
    else {
      this.intd = spare.fd
      this.intdPath = spare.path
      this.#intdExcess = spare.sizeBytes
    }
    this.#madeIntd = true
  }

  writeMess(bytes: Buffer): void {
    step(exitCode.writeError, () => writeAll(this.mess, bytes))
    this.#messExcess -= bytes.length
  }

  writeIntd(bytes: Buffer): void {
    step(exitCode.writeError, () => writeAll(this.intd, bytes))
    this.#intdExcess -= bytes.length
  }

  /** All of the message is written: what a spare file holds beyond it goes. */
  endMess(): void {
    this.#messExcess = cutOff(this.mess, this.#messExcess)
  }

  /** The same for the envelope. */
  endIntd(): void {
    this.#intdExcess = cutOff(this.intd, this.#intdExcess)
  }

  /** S3 -> S4, the moment of acceptance, as a rename: the old place has done its service. */
  renameToTodo(): void {
    step(exitCode.todo, () => moveToFree(this.intdPath, this.todoPath))
    this.#spares?.moved(this.intdPath)
  }

  close(): void {
    if (this.mess >= 0) closeSync(this.mess)
    if (this.intd >= 0) closeSync(this.intd)
    this.mess = -1
    this.intd = -1
  }

  /** S2 or S3 -> S1: close and remove. If intd/ cannot be removed, mess/ stays, so that no state arises that is not in the table. */
  discard(): void {
    this.close()
    if (this.#madeIntd && !removeQuietly(this.intdPath)) return
    this.#spares?.moved(this.intdPath)
    removeQuietly(this.messPath)
  }
}

function createPidFile(): { path: string; fd: number } {
  const stem = `pid/${process.pid}.${nowSeconds()}.`
  for (let sequence = 1; ; sequence += 1) {
    const path = `${stem}${sequence}`
    try {
      return { path, fd: openSync(path, 'wx', 0o644) }
    } catch (cause) {
      if (sequence === pidNames) throw new QueueTrouble(exitCode.pid, { cause })
    }
  }
}

function inodeOf(fd: number): MessageId {
  const { ino } = fstatSync(fd)
  return Number.isSafeInteger(ino) ? String(ino) : String(fstatSync(fd, { bigint: true }).ino)
}

/** Cut off the last `excess` bytes, if there are any. @returns what is left of them */
function cutOff(fd: number, excess: number): 0 {
  if (excess > 0) step(exitCode.writeError, () => ftruncateSync(fd, fstatSync(fd).size - excess))
  return 0
}

/** rename(2) that refuses to replace. Nobody else makes a file of this name: it is our inode's number. */
function moveToFree(from: string, to: string): void {
  if (existsSync(to)) throw new Error(`${to} exists`)
  renameSync(from, to)
}
