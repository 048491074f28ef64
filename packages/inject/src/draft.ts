/**
 * The header as it is read: each field rewritten, dropped or kept, and the envelope that it names (spec §4.4).
 */
import {
  addressText,
  ByteStrings,
  ByteText,
  type HostRules,
  type KnownName,
  knownName,
  rewriteAddress,
  rewriteLongList,
} from '@yabumi/header'
import { headerRecipientBytes, rewrittenHeaderBytes } from '@yabumi/limits'
import type { Letters } from './options.ts'
import { perRecipientMark } from './person.ts'
import { UnparsableLine } from './unparsable.ts'

/** What an address of a field is for, beside being rewritten. */
type Use = 'visible' | 'blind' | 'resent' | 'sender' | 'none'

const uses: Partial<Record<KnownName, Use>> = {
  to: 'visible',
  cc: 'visible',
  bcc: 'blind',
  'apparently-to': 'blind',
  'resent-to': 'resent',
  'resent-cc': 'resent',
  'resent-bcc': 'resent',
  'return-path': 'sender',
  sender: 'none',
  from: 'none',
  'reply-to': 'none',
  'return-receipt-to': 'none',
  'errors-to': 'none',
  'resent-sender': 'none',
  'resent-from': 'none',
  'resent-reply-to': 'none',
}

/** Fields that are used up here and go no further. */
const removed: ReadonlySet<KnownName | undefined> = new Set<KnownName>(['bcc', 'resent-bcc', 'return-path', 'content-length'])

const resentNames: readonly KnownName[] = [
  'resent-sender',
  'resent-from',
  'resent-reply-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'resent-date',
  'resent-message-id',
]

const mostBlind = 10_000

/** No address of anybody: nothing at all, or an encoded word (RFC 2047 §2), which may hide one. */
const isNobody = /^(?:$|=\?[^?@]+\?[BQ]\?[^?]*\?=)/i

export class Draft {
  /** Fields that go on, in the order they came. */
  readonly fields: ByteText = new ByteText(rewrittenHeaderBytes, 'header with its addresses completed')
  /** Addresses of To and Cc in the order they were read: fields as they came, each from its right end. */
  readonly visible: ByteStrings = addresses()
  readonly #recipients = addresses()
  /** Which of them are of Bcc, by their places; of so many that they would fill the memory only the first. */
  readonly #blind = new Set<number>()
  readonly #resentRecipients = addresses()
  /** The first fields of recipients that cannot be read: of Resent ones and of the others. */
  readonly #unreadable: { resent?: UnparsableLine; other?: UnparsableLine } = {}
  readonly #seen = new Set<KnownName>()
  readonly #letters: Letters
  readonly #rules: HostRules
  #sender: string | undefined

  readonly #wantsVisible: boolean

  /**
   * @param sender - the envelope sender where it is known already: Return-Path does not count then
   * @param wantsVisible - whether `visible` will be asked for
   */
  constructor(letters: Letters, rules: HostRules, sender: string | undefined, wantsVisible: boolean) {
    this.#letters = letters
    this.#rules = rules
    this.#sender = sender
    this.#wantsVisible = wantsVisible
  }

  /**
   * Take the next field.
   *
   * One that should hold recipients and cannot be read stays as it is, see `unreadable`.
   *
   * @throws UnparsableLine if it cannot be parsed and holds no recipients, Trouble 5.3.4 if header or recipients get too long
   */
  add(field: string): void {
    const name = knownName(field)
    if (name !== undefined) {
      if (this.#isDropped(name)) return
      this.#seen.add(name)
    }
    const use = name === undefined ? undefined : uses[name]
    const rewritten = use === undefined ? [field] : this.#rewrite(field, use)
    if (!removed.has(name)) for (const part of rewritten) this.fields.append(part)
  }

  has(name: KnownName): boolean {
    return this.#seen.has(name)
  }

  /** Whether somebody sends this message on: then only the Resent fields count. */
  get isResent(): boolean {
    return resentNames.some((name) => this.#seen.has(name))
  }

  /** The recipients that the header names, in envelope order. */
  get recipients(): Iterable<string> {
    if (this.isResent) return this.#resentRecipients
    return this.#blind.size === 0 ? this.#recipients : this.#withoutBlindCopies()
  }

  /** Who stands in To or Cc, and in Bcc as well, gets the message once. */
  *#withoutBlindCopies(): Generator<string, void> {
    const blind = new Set<string>()
    for (const [recipient, isBlind] of this.#marked()) if (isBlind) blind.add(recipient)
    const also = new Set<string>()
    for (const [recipient, isBlind] of this.#marked()) if (!isBlind && blind.has(recipient)) also.add(recipient)
    for (const [recipient, isBlind] of this.#marked()) if (!isBlind || !also.has(recipient)) yield recipient
  }

  *#marked(): Generator<[recipient: string, isBlind: boolean], void> {
    let at = 0
    for (const recipient of this.#recipients) yield [recipient, this.#blind.has(at++)]
  }

  /** The first field whose recipients would be lost: it cannot be parsed, or holds an address that is none. */
  get unreadable(): UnparsableLine | undefined {
    return this.isResent ? this.#unreadable.resent : this.#unreadable.other
  }

  /** The envelope sender, if it is known by now. */
  get sender(): string | undefined {
    return this.#sender
  }

  #isDropped(name: KnownName): boolean {
    const { dropFrom, dropMessageId, dropReturnPath } = this.#letters
    return (dropFrom && name === 'from') || (dropMessageId && name === 'message-id') || (dropReturnPath && name === 'return-path')
  }

  #rewrite(field: string, use: Use): Iterable<string> {
    const rewritten = rewriteLongList(field, (address, isName) => {
      rewriteAddress(address, this.#rules)
      const text = addressText(address)
      if (isName && use !== 'none' && use !== 'sender')
        this.#cannotRead(new UnparsableLine(field, 'a name with a comma that is not quoted in this line'), use)
      else if (use !== 'none' && use !== 'sender' && isNobody.test(text))
        this.#cannotRead(new UnparsableLine(field, 'no address where one should be in this line'), use)
      else if (use !== 'none') this.#use(text, use)
    })
    if (rewritten !== undefined) return rewritten
    if (use === 'none' || use === 'sender') throw new UnparsableLine(field)
    this.#cannotRead(new UnparsableLine(field), use)
    return [field]
  }

  #cannotRead(line: UnparsableLine, use: Use): void {
    this.#unreadable[use === 'resent' ? 'resent' : 'other'] ??= line
  }

  #use(address: string, use: Exclude<Use, 'none'>): void {
    switch (use) {
      case 'visible':
        if (this.#wantsVisible) this.visible.push(address)
        this.#recipients.push(address)
        break
      case 'blind':
        if (this.#blind.size < mostBlind) this.#blind.add(this.#recipients.count)
        this.#recipients.push(address)
        break
      case 'resent':
        this.#resentRecipients.push(address)
        break
      case 'sender':
        this.#sender ??= `${address}${this.#letters.senderPerRecipient ? perRecipientMark : ''}`
    }
  }
}

function addresses(): ByteStrings {
  return new ByteStrings(headerRecipientBytes, 'list of recipients')
}
