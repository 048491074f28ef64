/** No client fills the memory with the recipients of one message. */
import { netstringEnvelopeBytes } from '@yabumi/limits'
import { NetstringTrouble } from '@yabumi/netstring'

/** What a recipient costs besides its bytes: a string's header and its place in the list. */
const recipientCost = 48

/** What is left for the recipients of one message, of `netstringEnvelopeBytes`. */
export class RecipientBudget {
  #left = netstringEnvelopeBytes

  /** Take the room for a recipient of so many bytes. @throws NetstringTrouble if there is none */
  spend(bytes: number): void {
    this.#left -= bytes + recipientCost
    if (this.#left < 0) throw new NetstringTrouble('long')
  }
}
