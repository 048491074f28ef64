/** The recipients of a draft: in the order they were read, and those of blind copies once. */
import { withLowerDomain } from '@yabumi/address'
import { ByteStrings } from '@yabumi/header'
import { headerRecipientBytes } from '@yabumi/limits'

const mostBlind = 10_000

export class Recipients {
  readonly #all = addresses()
  /** Which of them are of Bcc, by their places; of so many that they would fill the memory only the first. */
  readonly #blind = new Set<number>()

  push(address: string, isBlind: boolean): void {
    if (isBlind && this.#blind.size < mostBlind) this.#blind.add(this.#all.count)
    this.#all.push(address)
  }

  [Symbol.iterator](): Iterator<string> {
    return (this.#blind.size === 0 ? this.#all : this.#withoutBlindCopies())[Symbol.iterator]()
  }

  /** Who stands in To or Cc, and in Bcc as well, gets the message once. */
  *#withoutBlindCopies(): Generator<string, void> {
    const blind = new Set<string>()
    for (const [recipient, isBlind] of this.#marked()) if (isBlind) blind.add(withLowerDomain(recipient))
    const also = new Set<string>()
    for (const [recipient, isBlind] of this.#marked()) {
      const key = withLowerDomain(recipient)
      if (!isBlind && blind.has(key)) also.add(key)
    }
    for (const [recipient, isBlind] of this.#marked()) if (!isBlind || !also.has(withLowerDomain(recipient))) yield recipient
  }

  *#marked(): Generator<[recipient: string, isBlind: boolean], void> {
    let at = 0
    for (const recipient of this.#all) yield [recipient, this.#blind.has(at++)]
  }
}

/** An empty list of addresses that may become long. */
export function addresses(): ByteStrings {
  return new ByteStrings(headerRecipientBytes, 'list of recipients')
}
