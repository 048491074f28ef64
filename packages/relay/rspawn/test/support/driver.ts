/** Drives rspawn as send does: commands in, reports out. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Facts, noFacts } from '@yabumi/facts'
import { encodeCommand, ReportDecoder } from '@yabumi/spawnprotocol'
import { execa } from 'execa'
import type { Test } from 'tap'
import { until } from '../../../../../test/support/wait.ts'

const rspawn = join(import.meta.dirname, '../../../../../bin/rspawn')
export const text = 'Subject: test\n\nhello\n'

/** A delivery that is asked for: `to` is the recipient. */
export interface Wanted {
  readonly to: string
  readonly from?: string
  readonly facts?: Facts
  /** Number of the message; it is made if it is not there. */
  readonly message?: number
}

export class Driver {
  readonly home: string
  /** What rspawn has written to descriptor 2. */
  log = ''
  readonly #child
  readonly #reports = new ReportDecoder()
  readonly #results = new Map<number, string>()
  /** Which ticket a delivery number stands for. */
  readonly #under = new Map<number, number>()
  #free = Array.from({ length: 120 }, (_, i) => i)
  #greeted = false
  #next = 0

  constructor(t: Test, control: Record<string, string>, environment: (home: string) => Record<string, string> = () => ({})) {
    this.home = t.testdir({ control: { me: 'test.example\n', ...control }, queue: { lock: { tcpto: Buffer.alloc(1024, 1) } } })
    for (const directory of ['mess', 'info']) mkdirSync(join(this.home, 'queue', directory))
    this.#child = execa(rspawn, ['--facts'], {
      env: { YABUMI_HOME: this.home, ...environment(this.home) },
      buffer: false,
      encoding: 'buffer',
      reject: false,
    })
    this.#child.stdout.on('data', (bytes: Buffer) => this.#take(bytes))
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.log += bytes.toString('latin1')
    })
    t.teardown(() => this.end())
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  control(name: string, value: string): void {
    writeFileSync(join(this.home, 'control', name), value)
  }

  write(message: number, content: string | Buffer): void {
    const path = join(this.home, 'queue/mess', String(message))
    writeFileSync(path, content, 'latin1')
    chmodSync(path, 0o644)
  }

  /** Ask for deliveries in one write. @returns for each its status letter and text, once it has been reported */
  async deliver(...wanted: Wanted[]): Promise<string[]> {
    await until('rspawn says its limit', () => this.#greeted)
    const tickets = wanted.map(({ to, from = 's@test.example', message = 1, facts = noFacts }) => {
      const delivery = this.#free.shift() as number
      this.#next += 1
      return {
        ticket: this.#next,
        delivery,
        bytes: encodeCommand({ delivery, message: String(message), sender: from, recipient: to, facts }),
      }
    })
    for (const { delivery, ticket } of tickets) this.#under.set(delivery, ticket)
    this.#child.stdin.write(Buffer.concat(tickets.map(({ bytes }) => bytes)))
    await until('every delivery is reported', () => tickets.every(({ ticket }) => this.#results.has(ticket)))
    return tickets.map(({ ticket }) => this.#results.get(ticket) as string)
  }

  /** Close the commands and wait. @returns the exit code */
  async end(): Promise<number | undefined> {
    this.#child.stdin.end()
    return (await this.#child).exitCode
  }

  #take(bytes: Buffer): void {
    const reports = this.#reports.push(this.#greeted ? bytes : bytes.subarray(1))
    this.#greeted = true
    for (const { delivery, status, text } of reports) {
      this.#results.set(this.#under.get(delivery) as number, status + text)
      this.#free.push(delivery)
    }
  }
}
