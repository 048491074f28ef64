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
type Use = 'visible' | 'recipient' | 'resent' | 'sender' | 'none'

const uses: Partial<Record<KnownName, Use>> = {
  to: 'visible',
  cc: 'visible',
  bcc: 'recipient',
  'apparently-to': 'recipient',
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

export class Draft {
  /** Fields that go on, in the order they came. */
  readonly fields: ByteText = new ByteText(rewrittenHeaderBytes, 'header with its addresses completed')
  /** Addresses of To and Cc in the order they were read: fields as they came, each from its right end. */
  readonly visible: ByteStrings = addresses()
  readonly #recipients = addresses()
  readonly #resentRecipients = addresses()
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
    return this.isResent ? this.#resentRecipients : this.#recipients
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
    const rewritten = rewriteLongList(field, (address) => {
      rewriteAddress(address, this.#rules)
      if (use !== 'none') this.#use(addressText(address), use)
    })
    if (rewritten !== undefined) return rewritten
    if (use === 'none' || use === 'sender') throw new UnparsableLine(field)
    return [field] // what people wrote into To is not worth refusing their mail
  }

  #use(address: string, use: Exclude<Use, 'none'>): void {
    switch (use) {
      case 'visible':
        if (this.#wantsVisible) this.visible.push(address)
        this.#recipients.push(address)
        break
      case 'recipient':
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
