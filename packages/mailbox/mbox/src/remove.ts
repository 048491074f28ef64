/**
 * Remove messages from an mbox while others may append to it, and lose nothing in a crash.
 *
 * The mbox stays the same file. qmail-local opens it first and then waits for its lock. If the file were replaced
 * meanwhile, a message would be appended to nothing. Therefore it is rewritten in place, with a journal beside it.
 *
 * Lock    the caller holds flock(2) of the mbox throughout
 * Order   1 journal (copy) written and synced. 2 mbox rewritten, its old end marked by a NUL, synced. 3 journal (cut).
 *         4 mbox cut, synced. 5 journal removed
 * Crash   before 1 is done: nothing has happened. After it: recoverMbox() completes the work, together with whatever
 *         was appended since. Until then the mbox shows messages twice or torn, but the journal has all of them
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import { copyRange, Journal, type Plan, type Range } from './journal.ts'
import { scanMbox } from './read.ts'

/**
 * Remove the messages with these uids (those of scanMbox); one that is not there any more is no matter.
 *
 * @param path - where the file is; its directory must be writable
 * @param fd - the same file, open for reading and writing, locked
 */
export function removeMessages(path: string, fd: number, uids: ReadonlySet<string>): void {
  recoverMbox(path, fd)
  const { size } = fstatSync(fd)
  const messages = scanMbox(fd, size)
  const first = messages.find(({ uid }) => uids.has(uid))
  if (first === undefined) return
  const tail: Range[] = []
  let newSize = first.start
  for (const { start, next, uid } of messages) {
    if (start < first.start || uids.has(uid)) continue
    tail.push({ fd, from: start, to: next })
    newSize += next - start
  }
  new Journal(path).write({ head: first.start, newSize, oldSize: size }, tail)
  recoverMbox(path, fd)
}

/** Complete what a crash has interrupted. The conditions are those of removeMessages(). */
export function recoverMbox(path: string, fd: number): void {
  const journal = new Journal(path)
  journal.removeUnfinished()
  for (;;) {
    const begun = journal.open('copy')
    const found = begun ?? journal.open('cut')
    if (found === undefined) return
    try {
      if (found === begun) rewrite(journal, fd, found.plan, found.tail)
      else cut(journal, fd, found.plan)
    } finally {
      closeSync(found.tail.fd)
    }
  }
}

/** Steps 2 and 3. */
function rewrite(journal: Journal, fd: number, { head, newSize, oldSize }: Plan, tail: Range): void {
  const { size } = fstatSync(fd)
  if (size < oldSize) {
    // another program has rewritten the mbox since the crash: better twice than never
    copyRange(tail, fd, size)
    fsyncSync(fd)
    journal.remove('copy')
    return
  }
  if (size > oldSize) {
    const delivered = { fd, from: oldSize, to: size }
    journal.write({ head, newSize: newSize + size - oldSize, oldSize: size }, [tail, delivered])
    return
  }
  copyRange(tail, fd, head)
  writeSync(fd, '\0', newSize)
  fsyncSync(fd)
  journal.advance()
}

/** Steps 4 and 5. A NUL at the new end, where a message would begin with `F`, says that the mbox is still too long. */
function cut(journal: Journal, fd: number, { newSize, oldSize }: Plan): void {
  const { size } = fstatSync(fd)
  if (size >= oldSize && byteAt(fd, newSize) === 0) {
    if (size > oldSize) {
      journal.write({ head: newSize, newSize: newSize + size - oldSize, oldSize: size }, [{ fd, from: oldSize, to: size }])
    } else {
      ftruncateSync(fd, newSize)
      fsyncSync(fd)
    }
  }
  journal.remove('cut')
}

function byteAt(fd: number, position: number): number | undefined {
  const byte = Buffer.alloc(1)
  return readSync(fd, byte, 0, 1, position) === 1 ? byte[0] : undefined
}
