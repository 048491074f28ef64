/** Where a message goes: to queue, or with -n to descriptor 1. */
import { writeSync } from 'node:fs'
import type { Submission } from '@yabumi/enqueue'
import { errnoOf } from '@yabumi/trouble'

export interface Outlet {
  /** Pass bytes on, waiting as long as whoever takes them needs. */
  write(bytes: Buffer): Promise<void>
}

/** The message of a submission. */
export function toQueue(submission: Submission): Outlet {
  return {
    async write(bytes) {
      if (!submission.write(bytes)) await submission.drained()
    },
  }
}

/** An open descriptor. A reader that has gone away is no error: the message was only to be shown. */
export function toDescriptor(fd: number): Outlet {
  return {
    async write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) at += await writeSome(fd, bytes.subarray(at))
      } catch (error) {
        if (errnoOf(error) !== 'EPIPE') throw error
      }
    },
  }
}

const pauseMilliseconds = 5

async function writeSome(fd: number, bytes: Buffer): Promise<number> {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    if (errnoOf(error) !== 'EAGAIN') throw error
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
    return 0
  }
}

const burstBytes = 65_536

/** Makes bursts of one size of what comes in parts of any: an ordinary message is one write, a huge field many. */
export class Gatherer {
  readonly #outlet: Outlet
  #parts: Buffer[] = []
  #bytes = 0

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  async write(bytes: Buffer): Promise<void> {
    this.#parts.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= burstBytes) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0) return
    const burst = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    for (let at = 0; at < burst.length; at += burstBytes) await this.#outlet.write(burst.subarray(at, at + burstBytes))
  }
}
