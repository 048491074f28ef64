/**
 * A command line without an option, as yargs reads it: words, and the options' defaults. yargs takes a quarter of a
 * bare Node's start, and most uses of a tool give it no option.
 */
export class WithoutOptions {
  readonly #parsed: Record<string, unknown>

  constructor(words: readonly string[]) {
    this.#parsed = { _: words }
  }

  option(name: string, settings: { readonly default?: unknown }): this {
    if (settings.default !== undefined) this.#parsed[name] = settings.default
    return this
  }

  parseSync(): Record<string, unknown> {
    return this.#parsed
  }
}
