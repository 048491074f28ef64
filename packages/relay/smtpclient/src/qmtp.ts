/**
 * One message over one QMTP connection (spec §5.2): everything is said at once, then there is an answer for each
 * recipient.
 *
 * The message goes out as it lies in the queue, with LF line ends, whatever its size, through a buffer. One that comes
 * through a pipe is gathered first, because its length must be said before its first byte.
 */
import { fstatSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { FactMap } from '@yabumi/facts'
import { attemptReplyBytes, remoteTextBytes, replyBytes } from '@yabumi/limits'
import { NetstringReader, netstring } from '@yabumi/netstring'
import { signaturesFor } from '@yabumi/signing'
import { OutOfStep } from './connection.ts'
import type { HostSocket } from './hostsocket.ts'
import { Unreadable } from './message.ts'
import * as texts from './texts.ts'
import { senderOutside } from './wire.ts'

/** A message for one host. Byte strings. */
export interface Package {
  readonly sender: string
  readonly recipients: readonly string[]
  /** Of the message (spec §14). */
  readonly facts: FactMap
  /** The message, open at its start. */
  readonly fd: number
}

/** What the host said to one recipient: K accepted, Z not now, D never, and its words. */
export interface Answer {
  readonly letter: 'K' | 'Z' | 'D'
  readonly text: string
}

export interface Answers {
  /** In the order of the recipients, as many as have come. */
  readonly answers: readonly Answer[]
  /** The report on those that none has come for. */
  readonly trouble: string | undefined
}

const lineFeeds = '\n' // the first byte of a message: how its lines end
const pieceBytes = 65_536
/** Answers may take this many times the silence allowed, so that one byte a minute does not hold a delivery for ever. */
const dripFactor = 2

/**
 * Hand a message over, and close the connection. Never throws.
 *
 * Answers count once the host has everything and has said one for each recipient, and nothing else: what comes sooner or is left over shows
 * that it counts otherwise, and then nobody knows whose answer is whose.
 *
 * @param socket - connected; nothing has been said over it
 * @param address - of the host, for the reports
 * @param deadline - for the end of the message, on the clock of performance.now()
 */
export async function sendByQmtp(
  socket: HostSocket,
  address: string,
  mail: Package,
  silenceSeconds: number,
  deadline: number,
): Promise<Answers> {
  const answers: Answer[] = []
  let late = false
  let overdue = false
  const heard = new Heard(socket)
  socket.setTimeout(silenceSeconds * 1000, () => socket.destroy())
  let timer = setTimeout(
    () => {
      overdue = true
      socket.destroy()
    },
    Math.max(deadline - performance.now(), 0),
  )
  try {
    const signatures = (await signaturesFor(mail.fd, mail.facts)).toString('latin1').replaceAll('\r\n', lineFeeds)
    for (const piece of pieces(mail, signatures, () => {
      late = true
      clearTimeout(timer)
      timer = setTimeout(() => socket.destroy(), dripFactor * silenceSeconds * 1000)
    })) {
      if (!(await write(socket, heard, piece))) throw new OutOfStep('an answer before the end of the message', '')
    }
    const reader = new NetstringReader(heard)
    while (answers.length < mail.recipients.length) {
      answers.push(await readAnswer(reader))
      timer.refresh()
    }
    if (reader.hasMore || heard.waiting) throw new OutOfStep('an answer too many', '')
    socket.destroySoon()
    return { answers, trouble: undefined }
  } catch (error) {
    socket.destroy()
    if (error instanceof OutOfStep)
      return { answers: [], trouble: (late ? texts.outOfStepLate : texts.outOfStep)(address, error.message, '') }
    if (error instanceof Unreadable) return { answers, trouble: texts.unreadable }
    if (overdue) return { answers, trouble: texts.overdue(address) }
    return { answers, trouble: late ? texts.diedLate(address) : texts.died(address) }
  } finally {
    clearTimeout(timer)
  }
}

/** What a host has said, its last words included; an end of the connection is the end of it. */
class Heard implements AsyncIterable<Buffer> {
  #pieces: Buffer[] = []
  #left = attemptReplyBytes
  #ended = false
  #wake: () => void = () => undefined

  constructor(socket: HostSocket) {
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    const take = (bytes: Buffer): void => {
      this.#pieces.push(bytes)
      this.#left -= bytes.length
      if (this.#left < 0) socket.destroy()
      this.#wake()
    }
    socket.on('data', take)
    socket.on('end', end).on('close', end)
    socket.on('error', () => {
      if (socket.lastWords.length > 0) take(socket.lastWords)
    })
  }

  /** There is something that nobody has read. */
  get waiting(): boolean {
    return this.#pieces.length > 0
  }

  /** @param wake - called when the host says something, or there is an end */
  onWord(wake: () => void): void {
    this.#wake = wake
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) yield piece
      else if (this.#ended) return
      else await new Promise<void>((resolve) => this.onWord(resolve))
    }
  }
}

/** What qmail-remote would report of a recipient with such an answer. */
export function recipientReport({ letter, text }: Answer, address: string): string {
  if (letter === 'K') return texts.recipientAccepted
  return letter === 'D' ? texts.recipientRefused(address, text) : texts.recipientDeferred(address, text)
}

/** The whole package. @param beforeEnd - called before the last piece: from then on the host may have the message */
/** @param top - what goes in front of the message */
function* pieces({ sender, recipients, fd }: Package, top: string, beforeEnd: () => void): Generator<Buffer, void> {
  const status = fstatSync(fd)
  const message = status.isFile() ? fileOf(fd, status.size) : Buffer.concat([...chunksOf(fd)])
  const sizeBytes = Buffer.isBuffer(message) ? message.length : status.size
  let held = Buffer.from(`${sizeBytes + lineFeeds.length + top.length}:${lineFeeds}${top}`, 'latin1')
  for (const piece of Buffer.isBuffer(message) ? [message] : message) {
    held = Buffer.concat([held, piece])
    if (held.length < pieceBytes) continue
    yield held
    held = Buffer.alloc(0)
  }
  beforeEnd()
  const envelope = `,${netstring(senderOutside(sender))}${netstring(recipients.map(netstring).join(''))}`
  yield Buffer.concat([held, Buffer.from(envelope, 'latin1')])
}

/** @throws Unreadable, also if the file has become shorter */
function* fileOf(fd: number, sizeBytes: number): Generator<Buffer, void> {
  for (let left = sizeBytes; left > 0; ) {
    const piece = read(fd, Math.min(left, pieceBytes))
    if (piece.length === 0) throw new Unreadable('the message has become shorter')
    left -= piece.length
    yield piece
  }
}

/** Of a pipe, whose length is known only at its end. @throws Unreadable */
function* chunksOf(fd: number): Generator<Buffer, void> {
  for (let piece = read(fd, pieceBytes); piece.length > 0; piece = read(fd, pieceBytes)) yield piece
}

function read(fd: number, bytes: number): Buffer {
  const piece = Buffer.allocUnsafe(bytes)
  try {
    return piece.subarray(0, readSync(fd, piece))
  } catch (cause) {
    throw new Unreadable('cannot read the message', { cause })
  }
}

/**
 * Between pieces the host is listened to, also where its system takes each of them at once.
 *
 * @returns when more may be written; false if the host has spoken @throws Error if the connection is gone
 */
async function write(socket: HostSocket, heard: Heard, piece: Buffer): Promise<boolean> {
  await setImmediate()
  if (heard.waiting) return false
  if (socket.destroyed) throw new Error('the connection is gone')
  if (socket.write(piece)) return true
  await new Promise<void>((resolve) => {
    heard.onWord(resolve)
    socket.once('drain', resolve)
  })
  if (socket.destroyed && !heard.waiting) throw new Error('the connection is gone')
  return !heard.waiting
}

async function readAnswer(reader: NetstringReader): Promise<Answer> {
  const length = await reader.length()
  const answer = length > replyBytes ? undefined : await reader.text(length, replyBytes)
  if (answer === undefined) throw new Error('no answer is so long')
  await reader.comma()
  const said = answer
    .slice(1, 1 + remoteTextBytes)
    .replaceAll('\r', '')
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '?')
  const letter = answer[0] === 'K' || answer[0] === 'D' ? answer[0] : 'Z'
  return { letter, text: said === '' || said.endsWith('\n') ? said : `${said}\n` }
}
