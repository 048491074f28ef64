/**
 * The pipes between send and its programs, and which end is whose (spec §2.5.1, §2.6).
 *
 * Every pipe is closed on exec: a child gets its two ends as descriptors 0 and 1 and no other. So the end of any
 * program is seen by those it talks to. send gets copies at the numbers it expects.
 */
import { duplicate, makePipe } from '@yabumi/posix'

type Pipe = ReturnType<typeof makePipe>

/** A program's descriptors 0 and 1. */
export interface Ends {
  readonly input: number
  readonly output: number
}

export class Wiring {
  readonly #log: Pipe | undefined
  readonly #toLspawn = makePipe(true)
  readonly #fromLspawn = makePipe(true)
  readonly #toRspawn = makePipe(true)
  readonly #fromRspawn = makePipe(true)
  readonly #toClean = makePipe(true)
  readonly #fromClean = makePipe(true)
  readonly #lifeline = makePipe(true)

  /** @param withLogger - the log goes through a pipe to a logger, else to this process's descriptor 1 */
  constructor(withLogger: boolean) {
    this.#log = withLogger ? makePipe(true) : undefined
  }

  get lspawn(): Ends {
    return { input: this.#toLspawn.read, output: this.#fromLspawn.write }
  }

  get rspawn(): Ends {
    return { input: this.#toRspawn.read, output: this.#fromRspawn.write }
  }

  get clean(): Ends {
    return { input: this.#toClean.read, output: this.#fromClean.write }
  }

  get logger(): Ends | undefined {
    return this.#log === undefined ? undefined : { input: this.#log.read, output: 1 }
  }

  /** A pipe that ends when send ends. */
  get lifeline(): number {
    return this.#lifeline.read
  }

  /**
   * Put the descriptors of send in their places; nothing but becoming send may follow.
   *
   * 3 and up are Node's own by now, and go: none of them is written to from here on. The pipes have higher numbers,
   * because Node took the low ones at its start.
   */
  become(): void {
    const places = [
      this.#log?.write ?? 1,
      this.#toLspawn.write,
      this.#fromLspawn.read,
      this.#toRspawn.write,
      this.#fromRspawn.read,
      this.#toClean.write,
      this.#fromClean.read,
      this.#lifeline.write,
    ]
    for (const [place, fd] of places.entries()) duplicate(fd, place)
  }
}
