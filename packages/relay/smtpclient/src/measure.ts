/** What a message will be on the wire, before it is sent. */
import { fstatSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { DowngradeScan, type Plan } from '@yabumi/mime'
import { DataEncoder } from '@yabumi/smtp'
import { Unreadable } from './message.ts'

export interface Measure {
  /** Bytes on the wire, without the dot that ends it and doubled dots (RFC 1870 §5). */
  readonly wireBytes: number
  /** Whether it has bytes above 127, and whether its header has some. */
  readonly is8bit: boolean
  readonly isHeader8bit: boolean
}

const piece = Buffer.allocUnsafe(32_768)

/**
 * @param fd - at its start; it stays there
 * @returns undefined for what cannot be read twice: a pipe
 * @throws Unreadable
 */
export async function measure(fd: number): Promise<Measure | undefined> {
  const encoder = new DataEncoder('as they are')
  let wireBytes = 0
  let is8bit = false
  const header = new HeaderBytes()
  const whole = await readThrough(fd, (bytes) => {
    header.push(bytes)
    is8bit ||= bytes.some((byte) => byte > 127)
    wireBytes += encoder.encode(bytes).length
  })
  wireBytes += encoder.end()?.length ?? 0
  return whole ? { wireBytes, is8bit, isHeader8bit: header.is8bit } : undefined
}

/** Looks for bytes above 127 up to the first empty line. */
class HeaderBytes {
  is8bit = false
  #inHeader = true
  #atLineStart = true

  push(bytes: Buffer): void {
    for (let at = 0; this.#inHeader && at < bytes.length; at += 1) {
      const byte = bytes[at] as number
      if (byte === 10 && this.#atLineStart) this.#inHeader = false
      this.#atLineStart = byte === 10
      this.is8bit ||= byte > 127
    }
  }
}

/** How to send it without bytes above 127; undefined if that cannot be done. @param fd - of a file, at its start. @throws Unreadable */
export async function planDowngrade(fd: number): Promise<Plan | undefined> {
  const scan = new DowngradeScan()
  await readThrough(fd, (bytes) => scan.push(bytes))
  return scan.plan()
}

/** @returns false if it is no file */
async function readThrough(fd: number, take: (bytes: Buffer) => void): Promise<boolean> {
  try {
    if (!fstatSync(fd).isFile()) return false
    let length = 0
    for (let at = 0; ; at += length) {
      length = readSync(fd, piece, 0, piece.length, at)
      if (length > 0) take(piece.subarray(0, length))
      if (length < piece.length) return true
      await setImmediate()
    }
  } catch (cause) {
    throw new Unreadable('cannot read the message', { cause })
  }
}
