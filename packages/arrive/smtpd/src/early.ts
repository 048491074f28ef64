/** What comes from a client while its session waits. */
export class EarlyInput {
  #bytes: Buffer | undefined
  #hasEnded = false

  /** The client will send no more. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  add(chunk: Buffer): void {
    this.#bytes = this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes, chunk])
  }

  end(): void {
    this.#hasEnded = true
  }

  take(): Buffer | undefined {
    const bytes = this.#bytes
    this.#bytes = undefined
    return bytes
  }
}
