/**
 * Who writes: the From field and the envelope sender of a message that names neither (spec §4.2, §4.5).
 *
 * Both are first written as a field and then read again like any other. So a host from the environment is subject to
 * the same rules as one that the person typed.
 */
import { needsQuotes } from '@yabumi/address'
import { addressText, emitField, type HostRules, mark, rewriteAddress, rewriteAddressList, type Token } from '@yabumi/header'
import type { Environment } from './hosts.ts'
import type { Letters } from './options.ts'
import { UnparsableLine } from './unparsable.ts'

/** What marks a sender that send makes out for each recipient (spec §7.6). */
export const perRecipientMark = '-@[]'

export class Person {
  readonly #user: string
  readonly #host: string | undefined
  readonly #name: string | undefined
  readonly #senderUser: string
  readonly #senderHost: string | undefined
  readonly #letters: Letters
  readonly #rules: HostRules

  constructor(environment: Environment, letters: Letters, rules: HostRules) {
    const first = (...names: string[]) => names.map((name) => environment.get(name)).find((value) => value !== undefined)
    this.#user = first('QMAILUSER', 'MAILUSER', 'USER', 'LOGNAME') ?? 'anonymous'
    this.#host = first('QMAILHOST', 'MAILHOST')
    this.#name = first('QMAILNAME', 'MAILNAME', 'NAME')
    this.#senderUser = first('QMAILSUSER') ?? this.#user
    this.#senderHost = first('QMAILSHOST') ?? this.#host
    this.#letters = letters
    this.#rules = rules
  }

  /** The From field, with its line end. @throws UnparsableLine */
  fromField(): string {
    const user: Token = { kind: needsQuotes(this.#user) ? 'quoted' : 'atom', text: this.#user }
    const address = [user, ...hostTokens(this.#host)]
    const field = emitField('From', this.#named(address))
    return this.#rewrite(field, () => undefined)
  }

  /** The envelope sender. @throws UnparsableLine */
  sender(seconds: number): string {
    const { senderPerMessage, senderPerRecipient } = this.#letters
    const perMessage = senderPerMessage ? `-${seconds}.${process.pid}` : ''
    const user: Token = { kind: 'quoted', text: `${this.#senderUser}${perMessage}${senderPerRecipient ? '-' : ''}` }
    let sender: string | undefined
    this.#rewrite(emitField('Return-Path', [user, ...hostTokens(this.#senderHost)]), (address) => {
      sender ??= addressText(address)
    })
    return `${sender ?? ''}${senderPerRecipient ? perRecipientMark : ''}`
  }

  #named(address: readonly Token[]): Token[] {
    if (this.#name === undefined) return [...address]
    if (this.#letters.nameAsComment) return [...address, { kind: 'comment', text: this.#name }]
    return [{ kind: 'quoted', text: this.#name }, mark('<'), ...address, mark('>')]
  }

  #rewrite(field: string, take: (address: Token[]) => void): string {
    const rewritten = rewriteAddressList(field, (address) => {
      rewriteAddress(address, this.#rules)
      take(address)
    })
    if (rewritten === undefined) throw new UnparsableLine(field)
    return rewritten
  }
}

function hostTokens(host: string | undefined): Token[] {
  return host === undefined ? [] : [mark('@'), { kind: 'atom', text: host }]
}
