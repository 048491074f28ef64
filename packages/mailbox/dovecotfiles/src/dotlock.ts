/**
 * Locks that other programs keep too: NAME.lock, which one process alone can create (spec §26.4).
 *
 * Out    NAME.lock with `PID:HOST`, made with O_EXCL, and touched every 10 s while it is held
 * Stale  a lock 120 s old, or one of a process of this host that is gone. Of two of ours one breaks it, under its
 *        flock(2). Neither breaks the lock that the other has made since
 * Crash  leaves the lock of a process that is gone, which the next one breaks at once
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as later } from 'node:timers/promises'
import { syncDirectory } from '@yabumi/files'
import { dotlockPatienceSeconds, dotlockStaleSeconds } from '@yabumi/limits'
import { tryLock } from '@yabumi/posix'
import { errnoOf } from '@yabumi/trouble'

const touchMilliseconds = 10_000
const pollMilliseconds = 10

/** Somebody else has kept the lock for longer than we wait. */
export class StillLocked extends Error {
  override readonly name = 'StillLocked'
}

/** A lock that is held. Give it back by release() or replace(), once. */
export class DotLock {
  readonly #path: string
  readonly #fd: number
  readonly #touching: NodeJS.Timeout

  private constructor(path: string, fd: number) {
    this.#path = path
    this.#fd = fd
    this.#touching = setInterval(() => touch(fd), touchMilliseconds).unref()
  }

  /**
   * Wait for the lock of a file.
   *
   * @param file - byte string; the lock is `FILE.lock`
   * @param seconds - how long to wait at most
   * @throws StillLocked; the system's error where no file can be made
   */
  static async take(file: string, seconds: number = dotlockPatienceSeconds): Promise<DotLock> {
    const end = performance.now() + seconds * 1000
    const path = `${file}.lock`
    for (;;) {
      const fd = create(path)
      if (fd !== undefined) return new DotLock(path, fd)
      if (breakStale(path)) continue
      if (performance.now() > end) throw new StillLocked(`${path} is held by another program`)
      await later(pollMilliseconds * (1 + Math.random()))
    }
  }

  /** Whether nobody has broken it: what is written under it counts only then. */
  held(): boolean {
    return isAt(this.#fd, this.#path)
  }

  /** Give the lock back. */
  release(): void {
    clearInterval(this.#touching)
    try {
      if (this.held()) unlinkSync(bytes(this.#path))
    } finally {
      closeSync(this.#fd)
    }
  }

  /**
   * Make the lock file the new file: its bytes become `content`, and its name FILE. Both are synced.
   *
   * @param mode - permissions of the new file
   * @param notBefore - its mtime, in seconds, is this at least: readers compare whole seconds
   * @throws the system's error; the lock is given back then, and the file is as it was
   */
  replace(content: Buffer, mode: number, notBefore = 0): void {
    try {
      if (!this.held()) throw new StillLocked(`${this.#path} was taken from us`)
      ftruncateSync(this.#fd, 0)
      for (let done = 0; done < content.length; ) done += writeSync(this.#fd, content, done, content.length - done, done)
      fchmodSync(this.#fd, mode)
      if (Date.now() / 1000 < notBefore) futimesSync(this.#fd, notBefore, notBefore)
      fsyncSync(this.#fd)
      renameSync(bytes(this.#path), bytes(this.#path.slice(0, -'.lock'.length)))
      syncDirectory(this.#path.slice(0, this.#path.lastIndexOf('/')))
    } finally {
      this.release()
    }
  }
}

function create(path: string): number | undefined {
  let fd: number
  try {
    fd = openSync(bytes(path), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined
    throw error
  }
  try {
    writeSync(fd, `${process.pid}:${hostname()}`)
    return fd
  } catch (error) {
    unlinkSync(bytes(path)) // a lock without its owner would stand for two minutes
    closeSync(fd)
    throw error
  }
}

function touch(fd: number): void {
  const now = Date.now() / 1000
  try {
    futimesSync(fd, now, now)
  } catch {
    // it is as old as it is: others wait two minutes
  }
}

/** Remove the lock if nobody can hold it any more. @returns whether it is gone, so that it can be taken at once */
function breakStale(path: string): boolean {
  let fd: number
  try {
    fd = openSync(bytes(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return errnoOf(error) === 'ENOENT'
  }
  try {
    if (!isStale(fd) || !tryLock(fd) || !isAt(fd, path)) return false
    unlinkSync(bytes(path))
    return true
  } catch {
    return false
  } finally {
    closeSync(fd)
  }
}

function isStale(fd: number): boolean {
  if (fstatSync(fd).mtimeMs < Date.now() - dotlockStaleSeconds * 1000) return true
  const buffer = Buffer.alloc(300)
  const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
  const colon = text.indexOf(':')
  if (colon < 1 || text.slice(colon + 1).trim() !== hostname()) return false
  const pid = Number(text.slice(0, colon))
  return Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}

/** Whether a path still leads to the file that is open. */
function isAt(fd: number, path: string): boolean {
  const status = lstatSync(bytes(path), { throwIfNoEntry: false })
  const open = fstatSync(fd)
  return status !== undefined && status.ino === open.ino && status.dev === open.dev
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}
