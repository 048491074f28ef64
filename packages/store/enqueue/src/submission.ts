/**
 * A message on its way to queue. Nothing is queued before finish() has said K.
 *
 * A message with as many hops as the limit is looping. It is refused here, because every way into the queue leads
 * through here.
 */
import { byteEnvironment } from '@yabumi/commandline'
import { type Facts, factsText, factsVariable, noFacts, withFact } from '@yabumi/facts'
import { PassingHeader } from '@yabumi/header'
import { hops as hopsLimit } from '@yabumi/limits'
import { cannotRunExit } from '@yabumi/trouble'
import { type Outcome, outcomeOf } from './outcome.ts'
import { connectToQueue, takeIdle } from './pool.ts'
import { ownQueue, QueueProgram } from './program.ts'
import { ResidentQueue } from './resident.ts'
import { noWay, type Way } from './way.ts'

export interface SubmissionOptions {
  /**
   * Who submits, where this process may speak for a role: `network` for smtpd and its kin, `bounce` for send.
   * The resident queue believes it only from the account that has the role; the one-shot queue goes by uid alone.
   */
  readonly role?: 'network' | 'bounce'
  /** Where QMAILQUEUE is looked up, and what a queue program gets; by default this process's own environment. */
  readonly environment?: ReadonlyMap<string, string>
  /** What the envelope says besides its addresses. The resident queue believes each from its accounts alone. */
  readonly facts?: Facts
  /** Received and Delivered-To lines that the submitter puts in front by himself: they are not counted as hops. Or he has counted already. */
  readonly ownHops?: number | 'counted'
}

/** What is written while the way is not known yet waits here, in bytes. */
const holdBytes = 65_536

export class Submission implements Way {
  /** A promise while no connection is open yet. */
  #way: Way | Promise<Way>
  readonly #held: Buffer[] = []
  #heldBytes = 0
  /** Undefined where the submitter has counted. */
  readonly #header: PassingHeader | undefined
  readonly #mostHops: number

  /** @param way - a promise of it never rejects */
  constructor(way: Way | Promise<Way>, ownHops: number | 'counted') {
    this.#header = ownHops === 'counted' ? undefined : new PassingHeader()
    this.#mostHops = ownHops === 'counted' ? 0 : hopsLimit + ownHops
    this.#way = way instanceof Promise ? way.then((known) => this.#go(known)) : way
  }

  write(bytes: Buffer): boolean {
    this.#header?.push(bytes)
    if (!(this.#way instanceof Promise)) return this.#way.write(bytes)
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    return this.#heldBytes < holdBytes
  }

  async drained(): Promise<void> {
    const way = this.#way instanceof Promise ? await this.#way : this.#way
    await way.drained()
  }

  async finish(sender: string, recipients: Iterable<string>): Promise<Outcome> {
    const way = this.#way instanceof Promise ? await this.#way : this.#way
    if (this.#header === undefined || this.#header.hops < this.#mostHops) return way.finish(sender, recipients)
    const { qp } = await way.abandon()
    return { verdict: 'D', text: 'too many hops, this message is looping (#5.4.6)', qp }
  }

  async abandon(): Promise<Outcome> {
    const way = this.#way instanceof Promise ? await this.#way : this.#way
    return way.abandon()
  }

  /** The way is known: what has been written goes there. */
  #go(way: Way): Way {
    for (const bytes of this.#held.splice(0)) way.write(bytes)
    this.#way = way
    return way
  }
}

/** Begin a message. Never throws: trouble is what finish() says. */
export function openSubmission({
  role,
  environment = byteEnvironment(),
  ownHops = 0,
  facts = noFacts,
}: SubmissionOptions = {}): Submission {
  return new Submission(wayFor(role, environment, facts), ownHops)
}

function wayFor(role: SubmissionOptions['role'], environment: ReadonlyMap<string, string>, facts: Facts): Way | Promise<Way> {
  const program = environment.get('QMAILQUEUE')
  if (program !== undefined) return runQueue(program, withFacts(environment, facts, role))
  const idle = takeIdle()
  if (idle !== undefined) return new ResidentQueue(idle, role, factsText(facts))
  return connectToQueue().then((connection) =>
    connection === undefined
      ? runQueue(ownQueue, withFacts(environment, facts, role))
      : new ResidentQueue(connection, role, factsText(facts)),
  )
}

/** A program hears the facts in a variable. It cannot speak for the network otherwise than in these. */
function withFacts(environment: ReadonlyMap<string, string>, facts: Facts, role: SubmissionOptions['role']): ReadonlyMap<string, string> {
  const text = factsText(role === 'network' ? withFact(facts, 'ORIGIN', 'network') : facts)
  return text === '' ? environment : new Map([...environment, [factsVariable, text]])
}

function runQueue(program: string, environment: ReadonlyMap<string, string>): Way {
  try {
    return new QueueProgram(program, environment)
  } catch {
    return noWay(outcomeOf(cannotRunExit, '0')) // no descriptor or process to be had
  }
}
