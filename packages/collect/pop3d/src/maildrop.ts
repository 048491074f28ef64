/** What a POP3 session needs of a mailbox, whatever its form (RFC 1939: the "maildrop"). */

export interface Message {
  /** Bytes as stored, line ends counted once (spec §6.3). */
  readonly size: number
  /** The name that UIDL shows: the same in every session. */
  readonly uid: string
}

/** The bytes of a message, in order. */
export interface Content {
  /** Fill the buffer. @returns how many bytes; fewer than it can hold at the end only */
  read(into: Buffer): number | Promise<number>
  close(): void
}

export interface Maildrop {
  /** Their order gives their numbers; an index below counts from 0. */
  readonly messages: readonly Message[]
  /** @throws if the message cannot be read (any more) */
  open(index: number): Content | Promise<Content>
  /** Remove messages for good and note that the others have been seen. @returns false if some could not be removed */
  finish(deleted: ReadonlySet<number>): boolean | Promise<boolean>
}

/** The mailbox is there but cannot be listed. */
export class CannotScan extends Error {
  /** Whether that is because others use it. */
  readonly isInUse: boolean

  constructor(message: string, { cause, isInUse = false }: { cause: unknown; isInUse?: boolean }) {
    super(message, { cause })
    this.isInUse = isInUse
  }
}
