/**
 * Read the address list of a field from right to left, rewrite each address, and write the field again (spec §4.7).
 *
 * From the right an address is complete when its leftmost token has been seen, with no need to look ahead.
 */
import { FieldBody } from './emit.ts'
import { TokensFromRight } from './fromright.ts'
import { fieldName } from './name.ts'
import { mark, type Token } from './token.ts'

/**
 * Told of every address, rightmost first; may change its tokens, which it gets in reading order.
 *
 * @param isName - it reads as the first half of a name that a comma divides: `Smith, John <j@x.example>`, where nobody has quoted it
 */
export type TakeAddress = (address: Token[], isName: boolean) => void

/**
 * Rewrite the addresses of a field.
 *
 * @param field - name, colon and list, with line ends
 * @param take - called for each address; also for those to the right of a mistake that makes the whole list unparsable
 * @returns the field in its new form, or undefined if the list cannot be parsed
 */
export function rewriteAddressList(field: string, take: TakeAddress): string | undefined {
  const parts = rewriteLongList(field, take)
  return parts === undefined ? undefined : [...parts].join('')
}

/** The same for a list that may be long. @returns the field in its new form, in parts. @throws Trouble 5.3.4 if that is too long */
export function rewriteLongList(field: string, take: TakeAddress): Iterable<string> | undefined {
  const tokens = TokensFromRight.of(field, field.indexOf(':') + 1)
  if (tokens === undefined) return undefined
  const list = new ListReader(tokens, take)
  return list.read() ? list.body.field(fieldName(field) ?? '') : undefined
}

const comma = mark(',')
const nameTokens: ReadonlySet<Token['kind']> = new Set(['comment', 'atom', 'quoted', '@', '.'])

class ListReader {
  readonly body = new FieldBody()
  readonly #tokens: TokensFromRight
  readonly #take: TakeAddress
  /** The address in progress, its rightmost token first. */
  #address: Token[] = []
  #inGroup = false
  /** Whether what stands to the right, behind a comma, is an address in brackets with a name in front. */
  #beforeName = false
  /** Whether a word may join the address in progress: not if what stands to its right is a word, too. */
  #wordJoins = true

  constructor(tokens: TokensFromRight, take: TakeAddress) {
    this.#tokens = tokens
    this.#take = take
  }

  /** @returns false if the list cannot be parsed */
  read(): boolean {
    for (let token = this.#tokens.next(); token !== undefined; token = this.#tokens.next()) {
      if (!this.#step(token)) return false
    }
    this.#finishAddress()
    return true
  }

  #step(token: Token): boolean {
    switch (token.kind) {
      case ';':
        return this.#enterGroup(token)
      case ':':
        return this.#leaveGroup(token)
      case '>':
        return this.#readBracketed(token)
      case ',':
        this.#finishAddress()
        this.body.putLeft(token)
        this.#wordJoins = true
        return true
      case 'comment':
        this.body.putLeft(token)
        return true
      case 'atom':
      case 'quoted':
      case 'literal':
        if (!this.#wordJoins) this.#separate()
        this.#wordJoins = false
        this.#address.push(token)
        return true
      default:
        this.#wordJoins = true
        this.#address.push(token)
        return true
    }
  }

  #enterGroup(semicolon: Token): boolean {
    this.#separate()
    if (this.#inGroup) return false
    this.#inGroup = true
    this.body.putLeft(semicolon)
    this.#wordJoins = true
    return true
  }

  /** The group's name goes as it is, up to the comma in front of it. */
  #leaveGroup(colon: Token): boolean {
    this.#finishAddress()
    if (!this.#inGroup) return false
    this.#inGroup = false
    this.#beforeName = false
    for (let token: Token | undefined = colon; token !== undefined; token = this.#tokens.next()) {
      this.body.putLeft(token)
      if (token.kind === ',') break
    }
    this.#wordJoins = true
    return true
  }

  /** `<` address `>` and the display name in front of it. What is between the brackets is an address even if empty. */
  #readBracketed(right: Token): boolean {
    this.#separate()
    this.body.putLeft(right)
    let left = this.#tokens.next()
    for (; left !== undefined && left.kind !== '<'; left = this.#tokens.next()) this.#address.push(left)
    this.#beforeName = false
    this.#giveAddress()
    if (left === undefined) return false
    this.body.putLeft(left)
    while (nameTokens.has(this.#tokens.peek()?.kind ?? '<')) {
      const token = this.#tokens.next() as Token
      this.body.putLeft(token)
      if (token.kind === 'atom' || token.kind === 'quoted') this.#beforeName = true
    }
    this.#wordJoins = false
    return true
  }

  #finishAddress(): void {
    if (this.#address.length > 0) this.#giveAddress()
  }

  /** Finish the address in progress, if any, and set a comma between it and what comes to its left. */
  #separate(): void {
    if (this.#address.length === 0) return
    this.#giveAddress()
    this.body.putLeft(comma)
  }

  #giveAddress(): void {
    const address = this.#address.reverse()
    this.#address = []
    const isName = this.#beforeName && looksLikeName(address)
    this.#beforeName = false
    this.#take(address, isName)
    for (let i = address.length - 1; i >= 0; i -= 1) this.body.putLeft(address[i] as Token)
  }
}

/**
 * Whether a word without a host is somebody's name rather than a mailbox of this host: it begins with a capital or a byte beyond ASCII. `joe`, in front of
 * `Bob <bob@x.example>`, is a mailbox as ever.
 */
function looksLikeName(address: readonly Token[]): boolean {
  const words = address.filter(({ kind }) => kind !== 'comment')
  return words.every(({ kind, text }) => kind !== '@' && !/[!%+=@]/.test(text)) && /^[A-Z\x80-\xff]/.test(words[0]?.text ?? '')
}
