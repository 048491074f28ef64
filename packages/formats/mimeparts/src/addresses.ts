/**
 * The addresses of a field, as IMAP's ENVELOPE has them (RFC 5322 §3.4 and §4.4, RFC 9051 §7.5.2).
 *
 * What is broken gets a stand-in, as clients know them: `MISSING_MAILBOX`, `MISSING_DOMAIN`, `SYNTAX_ERROR`.
 */
import { Lexer } from './lexer.ts'

/** Parts hold a character a byte, without quotes. A group begins with one without a host, and ends with one of nothing. */
export interface Address {
  readonly name: string | undefined
  readonly route: string | undefined
  readonly mailbox: string | undefined
  readonly host: string | undefined
}

const nobody: Address = { name: undefined, route: undefined, mailbox: undefined, host: undefined }

/** All of a field's value; none of one that is empty or a comment. */
export function parseAddresses(value: string): Address[] {
  const reader = new AddressReader(value)
  reader.list()
  return reader.addresses
}

class AddressReader {
  readonly addresses: Address[] = []
  readonly #lexer: Lexer

  constructor(value: string) {
    this.#lexer = new Lexer(value)
  }

  list(): void {
    const lexer = this.#lexer
    if (!lexer.skip() || lexer.atEnd) return
    for (;;) {
      if (!this.#group()) this.#mailbox()
      if (!lexer.take(',') || lexer.atEnd) return
    }
  }

  /** `name: addresses;`; false if none comes: nothing is taken then. */
  #group(): boolean {
    const lexer = this.#lexer
    const start = lexer.at
    if (!lexer.phrase() || !lexer.is(':')) {
      lexer.at = start
      return false
    }
    this.addresses.push({ ...nobody, mailbox: lexer.word })
    lexer.take(':')
    if (!lexer.atEnd && !lexer.is(';')) {
      do this.#mailbox()
      while (lexer.take(',') && !lexer.atEnd)
    }
    lexer.take(';')
    this.addresses.push(nobody)
    return true
  }

  #mailbox(): void {
    const lexer = this.#lexer
    const start = lexer.at
    if (lexer.phrase() && lexer.is('<')) {
      const name = lexer.word === '' ? undefined : lexer.word
      const address = this.#angle()
      this.#add({ ...address, name })
      return
    }
    const { words } = lexer
    lexer.at = start
    const isQuoted = lexer.is('"')
    lexer.lastComment = ''
    const { mailbox, host } = this.#addrSpec()
    // Words that are no address are a name without one.
    if (host === undefined && lexer.lastComment === '' && (isQuoted || (words > 1 && !lexer.atEnd && !lexer.is(',')))) {
      lexer.at = start
      lexer.phrase()
      this.#add({ ...nobody, name: lexer.word === '' ? undefined : lexer.word })
      return
    }
    this.#add({ ...nobody, name: lexer.lastComment === '' ? undefined : lexer.lastComment, mailbox, host })
  }

  /** `<route:local@domain>`; what is wrong in it has SYNTAX_ERROR for a host. */
  #angle(): Address {
    const lexer = this.#lexer
    lexer.take('<')
    let route: string | undefined
    if (lexer.is('@')) route = this.#route() ?? 'INVALID_ROUTE'
    const address = lexer.is('>') ? {} : this.#addrSpec()
    if (lexer.take('>')) return { ...nobody, ...address, route }
    return { ...nobody, ...address, route, host: 'SYNTAX_ERROR' }
  }

  #route(): string | undefined {
    const lexer = this.#lexer
    const domains: string[] = []
    while (lexer.is('@')) {
      if (!lexer.domain()) return undefined
      domains.push(`@${lexer.word}`)
      while (lexer.take(',')) {}
    }
    return lexer.take(':') ? domains.join(',') : undefined
  }

  #addrSpec(): Pick<Address, 'mailbox' | 'host'> {
    const lexer = this.#lexer
    const mailbox = lexer.localPart() ? lexer.word : undefined
    const host = lexer.is('@') && lexer.domain() ? lexer.word : undefined
    return { mailbox, host }
  }

  #add(address: Address): void {
    this.addresses.push({ ...address, mailbox: address.mailbox ?? 'MISSING_MAILBOX', host: address.host || 'MISSING_DOMAIN' })
  }
}
