/**
 * One round: a load of SMTP sessions to a mailbox and to another host, while programs are killed and stopped at random. At its end every
 * message is accounted for.
 *
 * Seeded: what is done to which program, and how many acknowledgements after the last time. When exactly that is, the load decides.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { randomNumbers } from '../hostile/support/garbage.ts'
import { type Cleaner, hostName, ScratchHome } from '../support/home.ts'
import { numberOfWhole, runLoad } from '../support/load.ts'
import { below } from '../support/processes.ts'
import type { Running } from '../support/running.ts'
import { type Sink, startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

export const sizeBytes = 2_000
const programs = ['smtpd', 'queue', 'send', 'clean', 'lspawn', 'local', 'rspawn', 'popup']
const farDomain = 'far.example'

/** What became of the messages of a round. */
export interface Tally {
  readonly acknowledged: number
  readonly lost: readonly number[]
  readonly torn: number
  /** Copies beyond the first. */
  readonly duplicates: number
  /** Messages and deliveries that were in flight when something was killed: so many copies may be there twice. */
  readonly inFlight: number
  readonly kills: number
  readonly stops: number
}

/** What is wrong with a tally, if anything. */
export function judge({ lost, torn, duplicates, inFlight }: Tally): string | undefined {
  if (lost.length > 0) return `lost: ${lost.slice(0, 10).join(' ')}`
  if (torn > 0) return `torn: ${torn}`
  return duplicates > inFlight ? `${duplicates} duplicates, and only ${inFlight} were in flight` : undefined
}

/** A system that lives through many rounds. */
export class Soak {
  readonly #home: ScratchHome
  readonly #running: Running
  readonly #sink: Sink
  #seen = 0
  /** How far the log has been read, and what it says is under way. */
  #read = 0
  readonly #begun = new Set<string>()

  private constructor(home: ScratchHome, running: Running, sink: Sink) {
    this.#home = home
    this.#running = running
    this.#sink = sink
  }

  static async start(cleaner: Cleaner): Promise<Soak> {
    const home = await ScratchHome.make(cleaner, 'joe')
    const sink = await startSink()
    cleaner.teardown(() => sink.close())
    home.control('smtproutes', `${farDomain}:127.0.0.1:${sink.port}\n`)
    home.control('rcpthosts', `${hostName}\n${farDomain}\n`)
    return new Soak(home, await home.supervise(), sink)
  }

  /**
   * @param every - acknowledgements between two acts of violence, on average
   * @param plant - to see that the account notices: what is done to the mailbox behind everybody's back
   */
  async round(seed: number, messages: number, every: number, plant: (maildir: string) => void = () => undefined): Promise<Tally> {
    const random = randomNumbers(seed)
    const counts = { kills: 0, stops: 0, inFlight: 0 }
    const stopped = new Set<NodeJS.Timeout>()
    let next = 1 + (random() % (2 * every))
    const act = (): void => {
      const program = programs[random() % programs.length] as string
      const stop = random() % 3 === 0
      const milliseconds = 50 + (random() % 1_500)
      const victims = below(this.#running.pid).filter((process) => process.program === program)
      const victim = victims[random() % Math.max(1, victims.length)]
      if (victim === undefined) return
      if (stop) {
        counts.stops += 1
        process.kill(victim.pid, 'SIGSTOP')
        const timer = setTimeout(() => {
          stopped.delete(timer)
          kill(victim.pid, 'SIGCONT')
        }, milliseconds)
        stopped.add(timer)
      } else {
        counts.kills += 1
        counts.inFlight += this.#deliveries()
        kill(victim.pid, 'SIGKILL')
      }
    }
    let answered = 0
    const { acknowledged, uncertain } = await runLoad({
      host: '127.0.0.1',
      port: this.#running.smtpPort,
      sessions: 10,
      messages,
      sizeBytes,
      perConnection: 4,
      recipient: (n) => (n % 3 === 0 ? `any@${farDomain}` : `joe@${hostName}`),
      acknowledged: () => {
        answered += 1
        if (answered < next) return
        next = answered + 1 + (random() % (2 * every))
        act()
      },
    })
    await until('every stopped program goes on', () => stopped.size === 0)
    await this.#settle()
    const maildir = join(this.#home.userHome('joe'), 'Maildir')
    plant(maildir)
    return { ...this.#account(acknowledged, maildir), ...counts, inFlight: counts.inFlight + uncertain }
  }

  get log(): string {
    return this.#running.log
  }

  /** Messages of which a delivery has begun and that are not finished, by the log. */
  #deliveries(): number {
    const { log } = this.#running
    const end = log.lastIndexOf('\n') + 1
    for (const [, begun, ended] of log.slice(this.#read, end).matchAll(/starting delivery \d+: msg (\d+)|end msg (\d+)/g)) {
      if (begun !== undefined) this.#begun.add(begun)
      else this.#begun.delete(ended as string)
    }
    this.#read = end
    return this.#begun.size
  }

  async #settle(): Promise<void> {
    await until(
      () => `every message is finished: ${this.#home.pending().length} are not; the log ends:\n${this.#running.log.slice(-2_000)}`,
      () => {
        this.#running.signal('SIGALRM')
        return this.#home.pending().length === 0
      },
    )
  }

  #account(acknowledged: ReadonlySet<number>, maildir: string): Pick<Tally, 'acknowledged' | 'lost' | 'torn' | 'duplicates'> {
    const copies = new Map<number, number>()
    let torn = 0
    const remote = this.#sink.messages.slice(this.#seen).map(({ text }) => text)
    this.#seen = this.#sink.messages.length
    for (const text of [...this.#home.maildir('joe'), ...remote]) {
      const n = numberOfWhole(text, sizeBytes)
      if (n === undefined) torn += 1
      else copies.set(n, (copies.get(n) ?? 0) + 1)
    }
    for (const part of ['new', 'cur']) for (const name of readdirSync(join(maildir, part))) rmSync(join(maildir, part, name))
    const duplicates = [...copies.values()].reduce((sum, count) => sum + count - 1, 0)
    return { acknowledged: acknowledged.size, lost: [...acknowledged].filter((n) => !copies.has(n)), torn, duplicates }
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it has ended meanwhile
  }
}
