/** Packets between a mail server and its filters: four bytes of length, a letter, data (libmilter, protocol 6). */
import { milterPacketBytes } from '@yabumi/limits'
import { MilterTrouble } from './trouble.ts'

export interface Packet {
  readonly letter: string
  readonly data: Buffer
}

const lengthBytes = 4

export function encodePacket(letter: string, data: Buffer | string = ''): Buffer {
  const body = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
  const head = Buffer.alloc(lengthBytes + 1)
  head.writeUInt32BE(1 + body.length)
  head.write(letter, lengthBytes, 'latin1')
  return Buffer.concat([head, body])
}

/** What a command's strings are: each ends with a NUL, and holds none. */
export function strings(...texts: readonly string[]): string {
  return texts.map((text) => `${text.replaceAll('\0', '')}\0`).join('')
}

/** The strings of a packet's data, from a byte on. @throws MilterTrouble if the last one has no end, or there are other than so many */
export function readStrings({ data }: Pick<Packet, 'data'>, count: number, from = 0): string[] {
  const text = data.toString('latin1', from)
  const found = text.split('\0')
  if (found.pop() !== '' || found.length < count) throw new MilterTrouble('a packet is torn')
  return found.slice(0, count)
}

/** Cuts what a filter sends into packets. */
export class PacketReader {
  #pieces: Buffer[] = []
  #bytes = 0

  /** Bytes that no packet has been made of yet. */
  get pendingBytes(): number {
    return this.#bytes
  }

  push(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
  }

  /** @returns undefined until one is whole. @throws MilterTrouble for a length that no reply has */
  next(): Packet | undefined {
    if (this.#bytes < lengthBytes) return undefined
    const length = this.#peekLength()
    if (length < 1 || length > milterPacketBytes) throw new MilterTrouble(`a packet of ${length} bytes`)
    if (this.#bytes < lengthBytes + length) return undefined
    const all = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces)
    const end = lengthBytes + length
    this.#pieces = all.length > end ? [all.subarray(end)] : []
    this.#bytes -= end
    return { letter: all.toString('latin1', lengthBytes, lengthBytes + 1), data: all.subarray(lengthBytes + 1, end) }
  }

  #peekLength(): number {
    const [first = Buffer.alloc(0)] = this.#pieces
    if (first.length < lengthBytes) this.#pieces = [Buffer.concat(this.#pieces)]
    return (this.#pieces[0] as Buffer).readUInt32BE()
  }
}
