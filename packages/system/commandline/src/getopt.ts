/**
 * getopt(3) as qmail's programs have it (spec §4.1). Options end at the first non-option, at `--` (consumed) or at `-`
 * (not consumed). Letters may be bundled; an option's argument may be attached or separate.
 */
export class Getopt {
  readonly #args: readonly string[]
  readonly #letters: string
  #index = 0
  #offset = 0
  /** The argument of the option returned last, where it takes one. */
  argument = ''
  /** The complaint about an option that is not in the table, without the program's name; undefined if all was well. */
  complaint: string | undefined

  /** @param letters - the options allowed; a colon behind a letter says that it takes an argument */
  constructor(args: readonly string[], letters: string) {
    this.#args = args
    this.#letters = letters
  }

  /** The next option's letter; `?` for one that is not allowed (see complaint); undefined at the end of the options. */
  next(): string | undefined {
    const word = this.#args[this.#index]
    if (word === undefined) return undefined
    if (this.#offset === 0) {
      if (word[0] !== '-' || word === '-') return undefined
      if (word === '--') {
        this.#index += 1
        return undefined
      }
      this.#offset = 1
    }
    const letter = word[this.#offset] as string
    this.#offset += 1
    const known = letter === ':' ? -1 : this.#letters.indexOf(letter)
    const takesArgument = known >= 0 && this.#letters[known + 1] === ':'
    const rest = word.slice(this.#offset)
    if (takesArgument || rest === '') this.#step()
    if (known < 0) {
      this.complaint = `illegal option -- ${letter}`
      return '?'
    }
    if (takesArgument) {
      const value = rest === '' ? this.#args[this.#index] : rest
      if (value === undefined) {
        this.complaint = `option requires an argument -- ${letter}`
        return '?'
      }
      if (rest === '') this.#index += 1
      this.argument = value
    }
    return letter
  }

  /** Leave out what is left of the word that the last option stood in: for an option with an optional argument. @returns what that is */
  skipWord(): string {
    if (this.#offset === 0) return ''
    const rest = this.#args[this.#index]?.slice(this.#offset) ?? ''
    this.#step()
    return rest
  }

  /** The arguments behind the options, once next() has returned undefined. */
  rest(): string[] {
    return this.#args.slice(this.#index)
  }

  #step(): void {
    this.#index += 1
    this.#offset = 0
  }
}
