/** Where messages go: an account with mailboxes. */

export interface Message {
  /** With CRLF at its line ends. */
  readonly bytes: Buffer
  /** `\Seen`, `$Forwarded`; without `\Recent`. */
  readonly flags: readonly string[]
  readonly date: Date
}

export interface TargetMailbox {
  /** Of the next message. */
  uidNext(): Promise<number>
  /** The messages that have this UID or a higher one. */
  since(uid: number): AsyncIterable<Buffer>
  /** It is on the disk there when this returns. */
  append(message: Message): Promise<void>
  close(): Promise<void>
}

export interface Target {
  /** What tells it from others. */
  readonly name: string
  /** Where fetchbox writes down what it has done, if nobody says so. */
  readonly state: string
  /**
   * Open a mailbox, which is made if there is none.
   *
   * @param levels - its name, a level each, in UTF-8
   */
  open(levels: readonly string[]): Promise<TargetMailbox>
  subscribe(levels: readonly string[]): Promise<void>
  close(): Promise<void>
}
