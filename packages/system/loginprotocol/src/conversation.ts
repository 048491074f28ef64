/**
 * One connection between two of the programs that log somebody in: records both ways, and descriptors from who calls to
 * who answers.
 *
 * A descriptor follows its record as a message of its own (SCM_RIGHTS). Nothing is read but what is asked for, so it is
 * still there when its turn comes. What is not asked for goes with the connection.
 */
import { readlinkSync } from 'node:fs'
import { connect, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { descriptorOf, receiveDescriptor, sendDescriptor } from '@yabumi/posix'
import { printable } from '@yabumi/printable'
import { errnoOf } from '@yabumi/trouble'
import { encodeRecord, type LoginRecord, RecordReader } from './record.ts'

/** What a descriptor may be, as /proc names it: only kernel objects that nobody's program answers for. */
const kinds: { readonly socket: RegExp; readonly watch: RegExp } = { socket: /^socket:\[\d+\]$/, watch: /^anon_inode:inotify$/ }

const descriptorSeconds = 5
const descriptorPauseMilliseconds = 1

export class Conversation {
  readonly #socket: Socket
  readonly #reader = new RecordReader()
  #heard: ((record: LoginRecord | undefined) => void) | undefined
  #isOver = false
  #keepsStrange = false

  private constructor(open: (onread: NonNullable<ConstructorParameters<typeof Socket>[0]>['onread']) => Socket) {
    this.#socket = open({ buffer: () => this.#reader.room, callback: (length) => this.#take(length) }).pause()
    this.#socket.on('end', () => this.close()).on('error', () => this.close())
  }

  /** Call the program that listens there. @throws the system's error if nobody does */
  static async connect(path: string): Promise<Conversation> {
    let connecting: Promise<unknown> = Promise.resolve()
    const conversation = new Conversation((onread) => {
      const socket = connect({ path, ...(onread && { onread }) })
      connecting = new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return socket
    })
    await connecting
    return conversation
  }

  /** Take over the descriptor of a connection that was accepted. */
  static accepted(fd: number): Conversation {
    return new Conversation((onread) => new Socket({ fd, readable: true, writable: true, ...(onread && { onread }) }))
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether something came here as a descriptor that is open for good. */
  get keepsStrange(): boolean {
    return this.#keepsStrange
  }

  /** The next record; undefined if the other side has gone, says no records, or says nothing for so long: the conversation is over then. */
  async record(seconds: number): Promise<LoginRecord | undefined> {
    if (this.#isOver) return undefined
    const impatience = setTimeout(() => this.close(), seconds * 1000)
    try {
      return await new Promise((resolve) => {
        this.#heard = resolve
        this.#socket.resume()
      })
    } finally {
      clearTimeout(impatience)
      this.#socket.pause()
    }
  }

  /**
   * Say a record, and hand over descriptors, which stay open here.
   *
   * @throws the system's error, or RangeError for fields that are no record
   */
  async say(fields: LoginRecord, ...descriptors: number[]): Promise<void> {
    const bytes = encodeRecord(fields)
    if (this.#isOver) throw new Error('the other side has gone')
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    for (const fd of descriptors) sendDescriptor(descriptorOf(this.#socket), fd)
  }

  /**
   * Take a descriptor that follows the record. It was sent right after it, by a program that may have lost the processor between the two: only
   * then is there a wait, because nothing tells when it comes.
   *
   * What is of another kind stays open for good, untouched, and is the last thing that is heard of who sent it. A file of a file system that a
   * user serves (FUSE) lets whoever asks about it wait for that user, and even whoever closes it.
   *
   * @param kind - a socket, or what inotify_init gives
   * @throws the system's error, or Error if what follows is something else
   */
  async descriptor(kind: keyof typeof kinds): Promise<number> {
    const end = performance.now() + 1000 * descriptorSeconds
    for (;;) {
      if (this.#isOver) throw new Error('the other side has gone')
      try {
        return this.#known(receiveDescriptor(descriptorOf(this.#socket)), kind)
      } catch (error) {
        if (errnoOf(error) !== 'EAGAIN' || performance.now() > end) throw error
      }
      await pause(descriptorPauseMilliseconds)
    }
  }

  #known(fd: number, kind: keyof typeof kinds): number {
    const what = readlinkSync(`/proc/self/fd/${fd}`, 'latin1')
    if (kinds[kind].test(what)) return fd
    this.#keepsStrange = true
    this.close()
    throw new Error(`the other side sent no ${kind}, which stays open: ${printable(what)}`)
  }

  close(): void {
    this.#isOver = true
    this.#socket.destroy()
    this.#give(undefined)
  }

  /** @returns whether there is more to read now */
  #take(length: number): boolean {
    try {
      const record = this.#reader.take(length)
      if (record === undefined) return true
      this.#give(record)
    } catch {
      this.close()
    }
    return false
  }

  #give(record: LoginRecord | undefined): void {
    const heard = this.#heard
    this.#heard = undefined
    heard?.(record)
  }
}
