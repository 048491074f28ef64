/**
 * The file yabumi-imap/cache of a mailbox: a head, and records, the newest at the end.
 *
 * Trust   the file is anybody's who may write the Maildir. A record counts if its checksum is right and it is of the
 *         base that is asked for. The caller compares the file's stamp
 * Writes  only at the end, under a lock of the file; a tail that is no record is cut before. What cannot be written is
 *         not kept. Where records of lost messages are the most, a new file takes its place
 * Synced  nothing
 * Guard   the head has the mailbox's id: the cache of another mailbox, and garbage, is begun anew
 */
import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, renameSync } from 'node:fs'
import { removeQuietly, writeAll } from '@yabumi/files'
import { cachedMessageBytes, messageCacheBytes } from '@yabumi/limits'
import { tryLock, unlock } from '@yabumi/posix'
import { baseIn, type CacheRecord, isWhole, Kept, lengthAt, writeRecord } from './record.ts'
import { Window } from './window.ts'

/** Is told of each record that is found. */
export type Visitor = (base: string, at: number) => void

const pendingBytes = 262_144
const fewRecords = 100 // too few to be worth a new file
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

export class MessageCache {
  readonly #path: string
  readonly #head: Buffer
  readonly #visit: Visitor
  readonly #mostBytes: number
  readonly #window = new Window()
  #fd: number | undefined
  /** Records up to here are known. */
  #end = 0
  #records = 0
  #pending: Buffer[] = []
  #pendingLength = 0

  /**
   * @param directory - of our own files of the mailbox, a path
   * @param guid - the mailbox's id
   * @param visit - is told where each record lies, now and as more come
   * @param mostBytes - of the file
   */
  constructor(directory: string, guid: string, visit: Visitor, mostBytes: number = messageCacheBytes) {
    this.#mostBytes = mostBytes
    this.#path = `${directory}/cache`
    this.#head = Buffer.from(`yabumi-cache 1 ${guid}\n`, 'latin1')
    this.#visit = visit
    this.#quietly(() => this.#open())
  }

  /** The record at a place that the visitor was told, if it is this message's still. */
  read(at: number, base: string): Kept | undefined {
    const record = this.#fd === undefined ? undefined : this.#quietly(() => this.#recordAt(at))
    return record !== undefined && baseIn(record) === base ? new Kept(record) : undefined
  }

  /** Keep a record: the visitor hears of it once it is written. */
  add(record: CacheRecord): void {
    const bytes = writeRecord(record)
    if (this.#fd === undefined || bytes.length > cachedMessageBytes) return
    this.#pending.push(bytes)
    this.#pendingLength += bytes.length
    if (this.#pendingLength >= pendingBytes) this.flush()
  }

  /** Write what was added. */
  flush(): void {
    if (this.#pending.length === 0) return
    const bytes = Buffer.concat(this.#pending.splice(0))
    this.#pendingLength = 0
    this.#quietly(() => this.#append(bytes))
  }

  /**
   * Let go of it, after a last write.
   *
   * @param living - how many records are of messages that are there
   * @param isLiving - says it of one
   */
  close(living: number, isLiving: (base: string, at: number) => boolean): void {
    this.flush()
    if (this.#records > fewRecords && living * 2 < this.#records) this.#quietly(() => this.#rewrite(isLiving))
    this.#drop()
  }

  #open(): void {
    this.#fd = openSync(this.#path, flags, 0o600)
    this.#end = this.#head.length
    this.#records = 0
    this.#window.forget()
    if (this.#isOurs()) this.#walk()
  }

  /** Whether the file has the head that it must have; a new one gets it. */
  #isOurs(): boolean {
    const fd = this.#fd as number
    const status = fstatSync(fd)
    if (!status.isFile()) {
      this.#drop()
      return false
    }
    if (this.#hasHead(fd)) return true
    if (!tryLock(fd)) {
      this.#drop() // another process begins it
      return false
    }
    try {
      if (!this.#hasHead(fd)) {
        ftruncateSync(fd, 0)
        writeAll(fd, this.#head)
      }
      return true
    } finally {
      unlock(fd)
    }
  }

  #hasHead(fd: number): boolean {
    const isThere = this.#window.read(fd, 0, this.#head.length).equals(this.#head)
    if (!isThere) this.#window.forget()
    return isThere
  }

  /** Hear of the records that others have added, and of our own. @returns whether the file ends with one */
  #walk(): boolean {
    const fd = this.#fd as number
    const { size } = fstatSync(fd)
    while (this.#end < size) {
      const record = this.#recordAt(this.#end)
      if (record === undefined) return false
      this.#visit(baseIn(record), this.#end)
      this.#end += record.length
      this.#records += 1
    }
    return true
  }

  #recordAt(at: number): Buffer | undefined {
    const fd = this.#fd as number
    const length = lengthAt(this.#window.read(fd, at, 8), 0, cachedMessageBytes)
    if (length === undefined) return undefined
    const record = this.#window.read(fd, at, length)
    return record.length === length && isWhole(record) ? record : undefined
  }

  #append(bytes: Buffer): void {
    if (this.#fd === undefined || !tryLock(this.#fd)) return // another process writes: these are not kept
    if (!this.#isStill()) {
      this.#drop() // and with it the lock
      this.#open()
      return
    }
    try {
      this.#window.forget() // it may hold the beginning of what has come meanwhile
      if (!this.#walk()) ftruncateSync(this.#fd, this.#end)
      if (this.#end + bytes.length > this.#mostBytes) return
      writeAll(this.#fd, bytes)
      this.#walk()
    } finally {
      unlock(this.#fd)
    }
  }

  /** Whether the name still leads to what is open. */
  #isStill(): boolean {
    const [named, held] = [lstatSync(this.#path, { throwIfNoEntry: false }), fstatSync(this.#fd as number)]
    return named !== undefined && named.ino === held.ino && named.dev === held.dev && held.size >= this.#end
  }

  #rewrite(isLiving: (base: string, at: number) => boolean): void {
    if (this.#fd === undefined || !tryLock(this.#fd) || !this.#isStill()) return
    const temporary = `${this.#path}.${process.pid}`
    const fd = openSync(temporary, 'w', 0o600)
    try {
      writeAll(fd, this.#head)
      for (let at = this.#head.length; at < this.#end; ) {
        const record = this.#recordAt(at)
        if (record === undefined) break
        if (isLiving(baseIn(record), at)) writeAll(fd, record)
        at += record.length
      }
      renameSync(temporary, this.#path)
    } finally {
      closeSync(fd)
      removeQuietly(temporary)
    }
  }

  #drop(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#window.forget()
  }

  /** What goes wrong here costs time only. */
  #quietly<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch {
      this.#drop()
      return undefined
    }
  }
}
