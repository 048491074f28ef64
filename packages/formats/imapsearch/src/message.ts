/** What searches, sorts and threads ask of a message. Each is asked for only when it is needed. */
import type { Part } from '@yabumi/mimeparts'

export interface SearchMessage {
  readonly number: number
  readonly uid: number
  /** A system flag as `\Seen`, `\Recent`, or a keyword in any case. */
  hasFlag(flag: string): boolean
  /** Seconds since 1970. */
  readonly internalDate: number
  readonly saveDate: number | undefined
  readonly sizeBytes: number
  readonly modseq: number
  readonly emailId: string | undefined
  readonly threadId: string | undefined
  /** Values of all fields of a name in upper case, of the message's own header, a character a byte. */
  fields(name: string): readonly string[]
  /** The parts, and bytes of the file; undefined if it is gone. */
  open(): OpenMessage | undefined
}

export interface OpenMessage {
  readonly root: Part
  read(start: number, end: number): Buffer
}
