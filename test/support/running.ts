/** The system running on a scratch home under bin/supervise. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import type { ScratchHome } from './home.ts'
import { until } from './wait.ts'

export interface RunOptions {
  /** Where to listen; by default one free port each. */
  readonly smtp?: readonly string[]
  readonly pop3?: readonly string[]
  /** None by default. */
  readonly submission?: readonly string[]
  readonly env?: Record<string, string>
  /** More options of supervise. */
  readonly options?: readonly string[]
  /** Words to put in front of the command: a tracer and its options. */
  readonly under?: readonly string[]
}

export class Running {
  readonly #home: ScratchHome
  readonly #child
  readonly #smtp: readonly string[]
  readonly #pop3: readonly string[]
  readonly #submission: readonly string[]
  #isReady = false
  #hasEnded = false
  /** Everything that supervise has written to descriptor 2. */
  log = ''

  constructor(home: ScratchHome, { smtp = [], pop3 = [], submission = [], env = {}, options = [], under = [] }: RunOptions) {
    this.#home = home
    this.#smtp = smtp
    this.#pop3 = pop3
    this.#submission = submission
    const listen = Object.entries({ smtp, pop3, submission }).flatMap(([name, addresses]) =>
      addresses.flatMap((address) => [`--${name}`, address]),
    )
    const [file = '', ...args] = [...under, join(home.directory, 'bin/supervise'), '--ready-fd', '3', ...listen, ...options]
    this.#child = execa(file, args, {
      cwd: home.root,
      env: { ...home.environment, ...env },
      extendEnv: false,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      reject: false,
      buffer: false,
      forceKillAfterDelay: false, // what it has under way may take its time
    })
    this.#child.stderr.on('data', (text: Buffer) => {
      this.log += text.toString('latin1')
    })
    const third = this.#child.stdio[3] as Readable
    third.on('data', () => {
      this.#isReady = true
    })
    void this.#child.then(() => {
      this.#hasEnded = true
    })
  }

  /** Of supervise, or of what it runs under. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  get smtpPort(): number {
    return portOf(this.#smtp[0])
  }

  get pop3Port(): number {
    return portOf(this.#pop3[0])
  }

  get submissionPort(): number {
    return portOf(this.#submission[0])
  }

  async ready(): Promise<void> {
    await until(
      () => `every listener accepts; the log so far:\n${this.log}`,
      () => this.#isReady || this.#hasEnded,
    )
    if (!this.#isReady) throw new Error(`supervise ended:\n${this.log}`)
  }

  /** Wait until the log has a line that matches, `times` times. */
  logs(pattern: RegExp, times = 1, patienceSeconds?: number): Promise<RegExpMatchArray[]> {
    const all = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
    return until(
      () => `${times} times ${pattern} in the log:\n${this.log}`,
      () => {
        const matches = [...this.log.matchAll(all)]
        return matches.length >= times && matches
      },
      patienceSeconds,
    )
  }

  /** Wait until nothing is left in the queue. */
  async emptied(): Promise<void> {
    await until(
      () => `the queue is empty; the log so far:\n${this.log}`,
      () => this.#home.queued().length === 0,
    )
  }

  /** Process number of each program that supervise runs: queue, send, smtpd, popup. */
  pids(): Map<string, number> {
    const path = join(this.#home.directory, 'supervise/pids')
    const lines = existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : []
    return new Map(lines.map((line): [string, number] => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** @returns the exit code of supervise */
  async stop(): Promise<number | undefined> {
    this.#child.kill('SIGTERM')
    return (await this.#child).exitCode
  }
}

function portOf(address: string | undefined): number {
  return Number(/\d+$/.exec(address ?? '')?.[0])
}
