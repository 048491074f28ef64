/** The turn of a command: how long it has gone on, while others wait. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { RefusedCommand } from '@yabumi/imapwire'
import { imapTurnMilliseconds } from '@yabumi/limits'
import type { Connection } from './connection.ts'
import { Progress } from './progress.ts'

export class Turn {
  readonly #connection: Connection
  #began = 0
  #progress: Progress | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @param tag - of the command that begins */
  begin(tag: string): void {
    this.#began = performance.now()
    this.#progress = new Progress(tag, this.#began)
  }

  /** It has gone on for so long that it is time to breathe. */
  get isTired(): boolean {
    return performance.now() - this.#began >= imapTurnMilliseconds
  }

  /**
   * Let others have their turn, and the client take what it has asked for.
   *
   * @param done - of `total` steps, for commands that answer at the end
   * @throws RefusedCommand - nobody is there any more who would hear an answer
   */
  async breathe(done: number, total: number): Promise<void> {
    if (!this.isTired) return
    const line = total === 0 ? undefined : this.#progress?.line(performance.now(), done, total)
    if (line !== undefined) {
      this.#connection.put(line)
      this.#connection.flush()
    }
    await nextTurn()
    await this.#connection.room()
    if (this.#connection.isCut) throw new RefusedCommand('the client has gone')
    this.#began = performance.now()
  }
}
