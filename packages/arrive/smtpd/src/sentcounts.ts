/**
 * What each login has sent within its periods, across a restart: `state/submit/limits`, a line `UNTIL MESSAGES
 * RECIPIENTS REFUSED PERIOD LOGIN` each, in milliseconds of Unix time.
 *
 * Writes  the whole file anew, some seconds after a change and at the end
 * Crash   forgets those seconds
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { replaceFile } from '@yabumi/files'
import { limitedUsers, limitsSaveSeconds } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'

const directory = 'state/submit'
const path = `${directory}/limits`

export interface Count {
  readonly until: number
  messages: number
  recipients: number
  refused: number
}

export class SentCounts {
  readonly #tell: (line: string) => void
  /** By `PERIOD LOGIN`, the one that began longest ago first. Read when somebody sends, so as who this process has become. */
  #counts: Map<string, Count> | undefined
  #saving: NodeJS.Timeout | undefined
  #isTold = false

  /** @param tell - told that the file cannot be read or written; it is done without, then */
  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  /** The count of a login that goes on now, or begins; the caller changes it. @param now - milliseconds of Unix time */
  of(login: string, period: string, milliseconds: number, now: number): Count {
    this.#counts ??= this.#read()
    this.#saving ??= setTimeout(() => this.save(), 1000 * limitsSaveSeconds).unref()
    const key = `${period} ${login}`
    const old = this.#counts.get(key)
    if (old !== undefined && now < old.until && old.until <= now + milliseconds) return old
    this.#counts.delete(key)
    const [oldest] = this.#counts.size < limitedUsers ? [] : this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
    const fresh = { until: now + milliseconds, messages: 0, recipients: 0, refused: 0 }
    this.#counts.set(key, fresh)
    return fresh
  }

  /** Write the file, if anything may have changed. */
  save(): void {
    if (this.#saving === undefined || this.#counts === undefined) return
    clearTimeout(this.#saving)
    this.#saving = undefined
    const lines = [...this.#counts].map(
      ([key, { until, messages, recipients, refused }]) => `${until} ${messages} ${recipients} ${refused} ${key}\n`,
    )
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      replaceFile(path, Buffer.from(lines.join(''), 'latin1'))
    } catch (error) {
      this.#complain(error)
    }
  }

  #read(): Map<string, Count> {
    const counts = new Map<string, Count>()
    try {
      for (const line of readFileSync(path, 'latin1').split('\n')) {
        const [, until, messages, recipients, refused, key] = /^(\d{1,15}) (\d{1,9}) (\d{1,9}) (\d{1,9}) (\S{1,6} .+)$/.exec(line) ?? []
        if (key === undefined || counts.size >= limitedUsers) continue
        counts.set(key, { until: Number(until), messages: Number(messages), recipients: Number(recipients), refused: Number(refused) })
      }
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#complain(error)
    }
    return counts
  }

  #complain(error: unknown): void {
    if (!this.#isTold) this.#tell(`${path}: ${errorText(error)}; what people have sent is forgotten at a restart`)
    this.#isTold = true
  }
}
