/** What a client has enabled (RFC 5161), and how names of mailboxes are written for it (RFC 6855). */
import { RefusedCommand, readMailboxName, showMailboxName, writeAstring, writeUtf8String } from '@yabumi/imapwire'
import { canonicalName } from '@yabumi/mailfolder'
import type { Connection } from './connection.ts'

const known = new Set(['CONDSTORE', 'QRESYNC', 'UTF8=ACCEPT', 'IMAP4REV2', 'UIDONLY'])

export abstract class Enabled {
  abstract readonly connection: Connection
  readonly #enabled = new Set<string>()

  /** @param name - in upper case */
  has(name: string): boolean {
    return this.#enabled.has(name)
  }

  /** Everything, in upper case. */
  get enabled(): string[] {
    return [...this.#enabled]
  }

  /** @returns whether it is one that can be enabled */
  enable(name: string): boolean {
    if (!known.has(name)) return false
    if (this.#enabled.has(name)) return true
    this.#enabled.add(name)
    if (name === 'QRESYNC') this.#enabled.add('CONDSTORE')
    if (name === 'UTF8=ACCEPT' || name === 'IMAP4REV2') this.connection.reader.utf8 = true
    if (name === 'CONDSTORE' || name === 'QRESYNC') this.tellModseq()
    return true
  }

  /** Of the selected mailbox, once the client knows of modseqs. */
  abstract tellModseq(): void

  /** A client's name of a mailbox as it is inside. @throws RefusedCommand CANNOT */
  nameOf(written: string): string {
    const name = readMailboxName(written, this.#hasUtf8)
    if (name === undefined) throw new RefusedCommand('that is no name of a mailbox', 'CANNOT')
    return canonicalName(name)
  }

  /** A pattern of LIST, likewise; what can match nothing stays as it is. */
  patternOf(written: string): string {
    return readMailboxName(written, this.#hasUtf8) ?? written
  }

  /** The name of a mailbox as the client reads it. */
  show(name: string): string {
    const shown = showMailboxName(name, this.#hasUtf8)
    return shown === name ? writeAstring(name) : writeUtf8String(shown)
  }

  get #hasUtf8(): boolean {
    return this.has('UTF8=ACCEPT') || this.has('IMAP4REV2')
  }
}
