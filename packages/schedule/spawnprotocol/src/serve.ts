/**
 * The side of a spawn program: take commands, hand out deliveries, bring back reports (spec §2.4.1).
 *
 * In       descriptor 0: commands. Its end lets the deliveries under way finish; then serve() is done. For how long is
 *          the caller's business
 * Out      descriptor 1: its greeting, the limit; then reports in any order, those of one turn of the event loop in one
 *          write
 * Never    waits for a slow reader: reports gather, and no further command is taken until the reader has caught up
 * Trouble  with the output is swallowed, with the input is its end
 *
 * A delivery number is in use until its report. The working directory is the home.
 */
import { closeSync, createReadStream } from 'node:fs'
import { Socket } from 'node:net'
import { type Facts, noFacts } from '@yabumi/facts'
import { uidOf } from '@yabumi/home'
import { type Command, CommandDecoder, factsToo } from './command.ts'
import { type Content, type Refusal, refusePath } from './message.ts'
import { encodeGreeting, type Greeting, greetingFor } from './numbers.ts'
import { encodeReport, givenBack, type Status } from './report.ts'
import { isFile, ReportWriter } from './reportwriter.ts'

/** One delivery that was asked for and can be tried. Strings are byte strings. */
export interface Delivery<Given extends Content = number> {
  /** Its number, below the limit. */
  readonly number: number
  /** The message as it was opened. A descriptor, which is at its start, belongs to serve(): it is closed at the report. */
  readonly content: Given
  /** Path of the message below queue/mess. */
  readonly message: string
  readonly sender: string
  /** The recipient, split at its last @. */
  readonly local: string
  readonly domain: string
  /** It has one of the last slots of send. */
  readonly newcomer: boolean
  /** Of the message, and of the recipient as of the only one. */
  readonly facts: Facts
  /** Say what came of it; to be called exactly once, later calls do nothing. */
  report(status: Status, text: string): void
  /** In place of a report, for a newcomer: it was not tried. @param network - to which others are under way */
  giveBack(network: string): void
}

/** How a spawn program serves. */
export interface Terms<Given extends Content> {
  /** How a message is opened: as what no other account ever gets, nor any program that could pass it on; or as what may be given away. */
  readonly open: (path: string, owner: number) => Given | Refusal
  /** Called when the input has ended and deliveries are under way: nothing new comes. */
  readonly leaving?: () => void
  /** Where commands come from and reports go. */
  readonly input?: number
  readonly output?: number
}

/**
 * Serve one sender until it closes its end.
 *
 * @param deliver - starts a delivery and returns at once
 * @param args - of the program: they may ask for wide numbers, and for facts
 * @returns when the input has ended, every delivery has its report and the output has taken them or has failed
 * @throws the system's error if there is no queue/ in the home; then nothing was written
 */
export async function serve<Given extends Content>(
  deliver: (delivery: Delivery<Given>) => void,
  args: readonly string[],
  { open, leaving = () => undefined, input = 0, output = 1 }: Terms<Given>,
): Promise<void> {
  const owner = uidOf('queue')
  const greeting = greetingFor(args)
  const { width } = greeting
  const reports = new ReportWriter(output)
  const busy = new Set<number>()
  let noneLeft = (): void => {}

  function take(command: Command): void {
    const accepted = accept(command, busy, greeting, (message) => open(message, owner))
    const number = command.delivery
    if ('status' in accepted) {
      reports.add(encodeReport(number, accepted.status, accepted.text, width))
      return
    }
    busy.add(number)
    const { content } = accepted
    let reported = false
    function end(status: Status | typeof givenBack, text: string): void {
      if (reported) return
      reported = true
      if (typeof content === 'number') closeSync(content)
      busy.delete(number)
      reports.add(encodeReport(number, status, text, width))
      if (busy.size === 0) noneLeft()
    }
    const delivery: Delivery<Given> = {
      number,
      ...accepted,
      message: command.message,
      sender: command.sender,
      newcomer: command.newcomer === true,
      facts: command.facts ?? noFacts,
      report: end,
      giveBack: (network) => end(givenBack, network),
    }
    try {
      deliver(delivery)
    } catch (error) {
      delivery.report('Z', `qmail-spawn unable to fork. (#4.3.0)\n`)
      process.stderr.write(`unable to start delivery ${number}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }

  reports.add(encodeGreeting(greeting))
  const decoder = new CommandDecoder(width, args.includes(factsToo))
  try {
    for await (const bytes of readable(input)) {
      for (const command of decoder.push(bytes)) take(command)
      await reports.caughtUp()
    }
  } catch {
    // a lost sender is an end: what is under way is finished as usual
  }
  if (busy.size > 0) {
    leaving()
    await new Promise<void>((resolve) => {
      noneLeft = resolve
    })
  }
  await reports.end()
}

/** Check a command in the order of spec §2.4.1, and open its message. */
function accept<Given extends Content>(
  command: Command,
  busy: ReadonlySet<number>,
  { limit }: Greeting,
  open: (message: string) => Given | Refusal,
): Refusal | Pick<Delivery<Given>, 'content' | 'local' | 'domain'> {
  const { delivery, message, recipient } = command
  if (delivery >= limit) return { status: 'Z', text: 'Internal error: delnum too big. (#4.3.5)\n' }
  if (busy.has(delivery)) return { status: 'Z', text: 'Internal error: delnum in use. (#4.3.5)\n' }
  const refusal = refusePath(message)
  if (refusal !== undefined) return refusal
  const at = recipient.lastIndexOf('@')
  if (at < 0) return { status: 'D', text: 'Sorry, address must include host name. (#5.1.3)\n' }
  const content = open(message)
  if (typeof content === 'object' && 'status' in content) return content
  return { content, local: recipient.slice(0, at), domain: recipient.slice(at + 1) }
}

/** A descriptor as a stream; pipes and sockets without a thread, files (a person's test) with one. */
function readable(fd: number): AsyncIterable<Buffer> {
  return isFile(fd) ? createReadStream('', { fd, autoClose: false }) : new Socket({ fd, readable: true, writable: false })
}
