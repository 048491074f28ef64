/**
 * The header as it is read: each field rewritten, dropped or kept, and the envelope that it names (spec §4.4).
 */
import {
  addressText,
  type ByteStrings,
  ByteText,
  type HostRules,
  isSomebody,
  type KnownName,
  knownName,
  rewriteAddress,
  rewriteLongList,
} from '@yabumi/header'
import { rewrittenHeaderBytes } from '@yabumi/limits'
import type { Letters } from './options.ts'
import { perRecipientMark } from './person.ts'
import { addresses, Recipients } from './recipients.ts'
import { UnparsableLine } from './unparsable.ts'

/** What an address of a field is for, beside being rewritten. */
type Use = 'visible' | 'blind' | 'resent' | 'resent-blind' | 'sender' | 'none'

const uses: Partial<Record<KnownName, Use>> = {
  to: 'visible',
  cc: 'visible',
  bcc: 'blind',
  'apparently-to': 'blind',
  'resent-to': 'resent',
  'resent-cc': 'resent',
  'resent-bcc': 'resent-blind',
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

/** Whether the addresses of a field are recipients. */
export function namesRecipients(field: string): boolean {
  const name = knownName(field)
  const use = name === undefined ? undefined : uses[name]
  return use !== undefined && use !== 'none' && use !== 'sender'
}

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
  readonly #recipients = new Recipients()
  readonly #resentRecipients = new Recipients()
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
    return this.isResent ? this.#resentRecipients : this.#recipients
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
      if (use === 'none') return
      const text = addressText(address)
      if (isName && use !== 'sender')
        this.#cannotRead(new UnparsableLine(field, 'a name with a comma that is not quoted in this line'), use)
      else if (isSomebody(address) || (use === 'sender' && text === '')) this.#use(text, use)
      else this.#cannotRead(new UnparsableLine(field, 'no address where one should be in this line'), use)
    })
    if (rewritten !== undefined) return rewritten
    if (use === 'none') throw new UnparsableLine(field)
    this.#cannotRead(new UnparsableLine(field), use)
    return [field]
  }

  #cannotRead(line: UnparsableLine, use: Use): void {
    if (use === 'sender') throw line
    this.#unreadable[use === 'resent' || use === 'resent-blind' ? 'resent' : 'other'] ??= line
  }

  #use(address: string, use: Exclude<Use, 'none'>): void {
    switch (use) {
      case 'visible':
      case 'blind':
        if (use === 'visible' && this.#wantsVisible) this.visible.push(address)
        this.#recipients.push(address, use === 'blind')
        break
      case 'resent':
      case 'resent-blind':
        this.#resentRecipients.push(address, use === 'resent-blind')
        break
      case 'sender':
        this.#sender ??= `${address}${this.#letters.senderPerRecipient ? perRecipientMark : ''}`
    }
  }
}
