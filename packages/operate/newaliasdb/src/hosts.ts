/** The names that complete an address without a host, or with a short one: control files, as for inject (spec §4.8). */
import { quoteAddress } from '@yabumi/address'
import { readLineOrMe } from '@yabumi/control'
import { addressText, type HostRules, rewriteAddress, type Token, tokenise } from '@yabumi/header'
import { Trouble } from '@yabumi/trouble'

export interface Completion {
  /** @param address - as it stands in an envelope. @throws Error if it is none */
  complete(address: string): string
}

export class Hosts implements Completion {
  readonly #rules: HostRules

  /** Read them; the working directory is the home. @throws Trouble 4.3.0 if they cannot be read, or are no names */
  constructor() {
    this.#rules = {
      defaultHost: setting('@', 'defaulthost'),
      defaultDomain: setting('.', 'defaultdomain'),
      plusDomain: setting('.', 'plusdomain'),
    }
  }

  complete(address: string): string {
    const tokens = tokenise(quoteAddress(address))
    if (tokens === undefined) throw new Error(`no address: ${address}`)
    rewriteAddress(tokens, this.#rules)
    return addressText(tokens)
  }
}

function setting(mark: string, file: string): Token[] {
  const tokens = tokenise(mark + (readLineOrMe(file) ?? file))
  if (tokens === undefined) throw new Trouble('4.3.0', `control/${file} holds no name of a host`)
  return tokens
}
