/**
 * The log of the door: what clients from the network do there, a line each. Who it is stands first, what the client has
 * said last.
 *
 * Gathers  lines of a moment leave in one write; whoever runs the program calls end() at its end
 * Bounded  a message and a right login have their line always, for they cost more than that. To come, to be refused, to
 *          be wrong costs a client nothing. Of such lines each client has so many a minute, and all together so many.
 *          What is beyond that is counted, and the count is a line
 * Banning  a stranger is `refused`. One of ours, who must not be shut out for a mistake, is `declined`: fail2ban's
 *          filter looks for the first word only
 */
import { doorLines, doorLinesPerClient, doorLinesWhenMany } from '@yabumi/limits'
import { printable } from '@yabumi/printable'
import { clientWord } from './safe.ts'

const gatherMilliseconds = 100
/** A pipe takes 64 KiB before its writer waits. */
const plentyBytes = 16_384
const minuteMilliseconds = 60_000

/** Who stands at the door. */
export interface Caller {
  readonly address: string
  readonly port: number
  /** Who has one share of the lines: the address, or the network that one customer has. */
  readonly share: string
  /** Whether it is one of ours: a relay client, loopback, a network that this host is in. */
  isOurs(): boolean
}

/** One share of the lines of a minute. */
interface Share {
  lines: number
  /** What was beyond. */
  more: number
  readonly address: string
}

export class DoorLog {
  readonly #program: string
  readonly #write: (lines: string) => void
  #gathered = ''
  #shares = new Map<string, Share>()
  /** Of all shares, this minute. */
  #lines = 0
  /** What is beyond what all may say, of those that have a share and of others. */
  #more = 0
  #minute: NodeJS.Timeout | undefined

  /** @param write - gets lines with ends between them, without one behind the last */
  constructor(program: string, write: (lines: string) => void) {
    this.#program = program
    this.#write = write
  }

  /** The process ends: write what has gathered, and how much was not said. */
  end(): void {
    this.endMinute()
    this.flush()
  }

  /** Write what has gathered. */
  flush(): void {
    if (this.#gathered === '') return
    const lines = this.#gathered
    this.#gathered = ''
    this.#write(lines)
  }

  /** What has cost the client something. @param event - in our words. @param word - what the client has said; none: no client's word belongs there */
  tell({ address, port }: Caller, event: string, word?: string): void {
    this.#gather(`${address} ${port}: ${event}${word === undefined ? '' : `: ${clientWord(word)}`}`)
  }

  /** What a client can cause as often as it likes: written while its share lasts. */
  note(caller: Caller, event: string, word?: string): void {
    if (this.#isInShare(caller)) this.tell(caller, event, word)
  }

  /** A refusal. @param what - is refused, where that is not the client's command. @param why - the reply, of which anything may be a client's */
  refused(caller: Caller, why: string, word: string, what?: 'message'): void {
    if (!this.#isInShare(caller)) return
    const verb = caller.isOurs() ? 'declined' : 'refused'
    this.tell(caller, `${verb}${what === undefined ? '' : ` ${what}`}: ${printable(why)}`, word)
  }

  #isInShare({ address, share }: Caller): boolean {
    this.#minute ??= setTimeout(() => this.endMinute(), minuteMilliseconds).unref()
    let own = this.#shares.get(share)
    if (own === undefined) {
      if (this.#lines >= doorLines) return this.#tooMany()
      own = { lines: 0, more: 0, address }
      this.#shares.set(share, own)
    }
    if (own.lines >= (this.#lines < doorLines / 2 ? doorLinesPerClient : doorLinesWhenMany)) {
      own.more += 1
      return false
    }
    if (this.#lines >= doorLines) return this.#tooMany()
    own.lines += 1
    this.#lines += 1
    return true
  }

  #tooMany(): false {
    this.#more += 1
    return false
  }

  /** Say how much was not said, and begin anew. Its own timer calls it. */
  endMinute(): void {
    for (const { address, lines, more } of this.#shares.values())
      if (more > 0) this.#gather(`${address}: ${more} lines more than its ${lines} within a minute`)
    if (this.#more > 0) this.#gather(`${this.#more} lines of others more than the ${doorLines} of all within a minute`)
    this.#shares = new Map()
    this.#lines = 0
    this.#more = 0
    clearTimeout(this.#minute)
    this.#minute = undefined
  }

  #gather(line: string): void {
    if (this.#gathered === '') {
      this.#gathered = `${this.#program}: ${line}`
      setTimeout(() => this.flush(), gatherMilliseconds).unref()
    } else this.#gathered += `\n${this.#program}: ${line}`
    if (this.#gathered.length >= plentyBytes) this.flush()
  }
}
