/** What happens in directories, by inotify(7): exact names, in order, and a word when some were lost. */
import { readSync } from 'node:fs'
import { libc, systemError } from './libc.ts'
import { readableOf } from './poll.ts'

const IN_NONBLOCK = 0o4000
const IN_CLOEXEC = 0o2000000
const IN_Q_OVERFLOW = 0x4000
const IN_IGNORED = 0x8000
const IN_ONLYDIR = 0x1000000

/** Files that come, go, get another name or other bytes in a directory; and the directory's own end. */
const comingsAndGoings = 0x2 | 0x100 | 0x200 | 0x40 | 0x80 | 0x400 // MODIFY CREATE DELETE MOVED_FROM MOVED_TO DELETE_SELF

export interface DirectoryEvent {
  /** As watchDirectory gave it; -1 for `lost`. */
  readonly watch: number
  /** Byte string; empty for what happened to the directory itself. */
  readonly name: string
  /** The queue was full, and some events are missing. */
  readonly lost: boolean
}

/** An inotify instance of this user, who has some 128. Closed on exec; reads do not wait. @throws the system's error, EMFILE beyond that */
export function openInotify(): number {
  const fd = libc().inotify_init1(IN_NONBLOCK | IN_CLOEXEC)
  if (fd < 0) throw systemError('inotify_init1')
  return fd
}

/** Begin to see files come, change and go in a directory. @returns its number in the events. @throws the system's error, ENOSPC if the user has too many */
export function watchDirectory(fd: number, path: string): number {
  const watch = libc().inotify_add_watch(fd, path, comingsAndGoings | IN_ONLYDIR)
  if (watch < 0) throw systemError('inotify_add_watch')
  return watch
}

/** End it. That the directory is gone already is no error. */
export function unwatchDirectory(fd: number, watch: number): void {
  libc().inotify_rm_watch(fd, watch)
}

const buffer = Buffer.alloc(65_536)

/** All events that have happened since the last call. @throws the system's error */
export function takeEvents(fd: number): DirectoryEvent[] {
  const events: DirectoryEvent[] = []
  while (readableOf([fd]).length > 0) {
    const length = readSync(fd, buffer, 0, buffer.length, null)
    for (let at = 0; at + 16 <= length; ) {
      const mask = buffer.readUInt32LE(at + 4)
      const nameLength = buffer.readUInt32LE(at + 12)
      const name = buffer.toString('latin1', at + 16, at + 16 + nameLength)
      const end = name.indexOf('\0')
      const lost = (mask & IN_Q_OVERFLOW) !== 0
      if ((mask & IN_IGNORED) === 0) events.push({ watch: buffer.readInt32LE(at), name: end === -1 ? name : name.slice(0, end), lost })
      at += 16 + nameLength
    }
  }
  return events
}
