/**
 * From todo/ to info/, local/ and remote/: S4 -> S5 for one message (spec §1.4, qmail-send, preprocessing). With one
 * recipient who is reached at the first attempt it is from todo/ to nothing: S4 -> S2 -> S1 (see firsttry.ts).
 *
 * Reads   todo/N; the size of mess/S/N for the log
 * Writes  info/S/N, and local/S/N and remote/S/N as needed, anew: what an earlier attempt has left does not count
 * Synced  all of them before clean is asked to unlink intd/N and todo/N, the moment of preprocessing. The fsync of a
 *         new file also makes its name durable on the journalling file systems that queue/ may lie on
 * Crash   before that leaves S4, and everything is done again
 * Memory  a buffer, however many recipients there are
 */

import { statSync } from 'node:fs'
import { doubleBounceSender } from '@yabumi/address'
import { nowSeconds } from '@yabumi/dates'
import { type Facts, InfoFacts, knownFacts, noFacts, type Place } from '@yabumi/facts'
import { logSafe } from '@yabumi/logline'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { ChannelName } from '@yabumi/retrytimes'
import { type Destination, rewrite } from '@yabumi/routing'
import { errnoOf, Trouble } from '@yabumi/trouble'
import type { BounceSender } from '../bounce/sender.ts'
import { asksForSuccess } from '../bounce/told.ts'
import { both, type PerChannel } from '../keep/channel.ts'
import type { FreshMessage } from '../keep/fresh.ts'
import { attempt, exists, warningOf } from '../keep/queuefile.ts'
import type { Shared } from '../shared.ts'
import { heldUntil } from '../try/appointed.ts'
import type { Verdict } from '../try/attempt.ts'
import type { FirstTry } from '../try/firsttry.ts'
import { isDoubtful } from '../try/origin.ts'
import { SyncedFile, syncAll } from './syncedfile.ts'
import { TodoFile, type TodoRecord } from './todofile.ts'

/** A message in todo/. */
export interface Arrival {
  readonly id: MessageId
  /** Whether its files may be written over, if it is delivered at the first attempt. */
  readonly mayBeKept: boolean
}

/** A message that is preprocessed, and on which channels it has recipients. */
export interface ReadyMessage extends FreshMessage {
  readonly channels: PerChannel<boolean>
  /** What came of the first attempt, if its only recipient has been tried already. */
  readonly tried: Tried | undefined
}

export interface Tried {
  readonly destination: Destination
  readonly verdict: Verdict
  readonly text: string
  /** As performance.now(): an ALRM after that is for this message too. */
  readonly endedAt: number
}

/**
 * The message; or `gone` if todo/N is not there (any more), `left` if it is to stay as it is for now, `failed` if it is
 * still there because something does not work.
 */
export type Preprocessed = ReadyMessage | 'gone' | 'left' | 'failed'

/**
 * Preprocess one message.
 *
 * @param bounces - a bounce of ours goes into the log after the line that tells its origin
 * @param done - called once, perhaps before this returns
 */
export function preprocess(arrival: Arrival, shared: Shared, bounces: BounceSender, done: (result: Preprocessed) => void): void {
  const { id } = arrival
  const path = queuePath('todo', id)
  let todo: TodoFile
  try {
    todo = new TodoFile(path)
  } catch (error) {
    const gone = errnoOf(error) === 'ENOENT'
    if (!gone) shared.log.warning(`unable to open ${path}`)
    done(gone ? 'gone' : 'failed')
    return
  }
  const sender = todo.peek('F')
  const proceed = (): void => new Preprocessing(arrival, todo, shared, done).start()
  if (sender === '' || sender === doubleBounceSender) bounces.afterBounces(proceed)
  else proceed()
}

class Preprocessing {
  readonly #id: MessageId
  readonly #mayBeKept: boolean
  readonly #todo: TodoFile
  readonly #shared: Shared
  readonly #done: (result: Preprocessed) => void
  readonly #info: SyncedFile
  readonly #channels: PerChannel<SyncedFile>
  #birth = 0
  #sizeBytes = 0
  #uid = '0'
  #pid = '0'
  #sender: string | undefined
  #facts: Facts = noFacts
  /** Where the recipients stand that there are facts of, by their place in the envelope; and how long the channel files are. */
  readonly #places = new Map<number, Place>()
  readonly #lengths: Record<ChannelName, number> = { local: 0, remote: 0 }
  /** The first recipient, as long as there is no second. */
  #only: Destination | undefined
  #recipients = 0
  #tried: Tried | undefined

  constructor({ id, mayBeKept }: Arrival, todo: TodoFile, shared: Shared, done: (result: Preprocessed) => void) {
    this.#id = id
    this.#mayBeKept = mayBeKept
    this.#todo = todo
    this.#shared = shared
    this.#done = done
    this.#info = new SyncedFile(queuePath('info', id))
    this.#channels = { local: new SyncedFile(queuePath('local', id)), remote: new SyncedFile(queuePath('remote', id)) }
  }

  start(): void {
    this.#guard(() => {
      const mess = queuePath('mess', this.#id)
      this.#sizeBytes = attempt('unable to stat', mess, () => statSync(`queue/${mess}`).size)
      this.#birth = nowSeconds()
      this.#shared.log.line(`new msg ${this.#id}`)
      this.#continue()
    })
  }

  /** Take one buffer of records; the next one in a later turn. */
  #continue(): void {
    const { ended, path } = this.#todo
    for (const record of attempt('trouble reading', path, () => this.#todo.take())) this.#take(record)
    if (!ended) setImmediate(() => this.#guard(() => this.#continue()))
    else this.#decide()
  }

  #take([letter, text]: TodoRecord): void {
    if (letter === 'T') this.#direct(rewrite(text, this.#shared.controls, this.#shared.routing))
    else if (letter === 'F') {
      this.#sender ??= text
      const from = `from <${logSafe(text)}> qp ${this.#pid} uid ${this.#uid}`
      this.#shared.log.line(`info msg ${this.#id}: bytes ${this.#sizeBytes} ${from}`)
    } else if (letter === 'u') this.#uid = decimal(text)
    else if (letter === 'p') {
      this.#pid = decimal(text)
      this.#facts = knownFacts(text.replace(/^[0-9]* ?/, ''))
    } else throw new Trouble('4.3.0', `unknown record type in ${this.#todo.path}`)
  }

  /** A second recipient is what shows that the first needs a file. */
  #direct(destination: Destination): void {
    const place = this.#recipients
    this.#recipients += 1
    if (place === 0) this.#only = destination
    else {
      this.#writeOnly()
      this.#write(destination, place)
    }
  }

  #write({ channel, address }: Destination, place: number): void {
    const record = `T${address}\0`
    if (this.#facts.recipients.has(place)) this.#places.set(place, { channel, position: this.#lengths[channel] })
    this.#lengths[channel] += record.length
    this.#channels[channel].write(record)
  }

  #writeOnly(): void {
    if (this.#only !== undefined) this.#write(this.#only, 0)
    this.#only = undefined
  }

  #decide(): void {
    const sender = this.#sender
    if (sender === undefined) throw new Trouble('4.3.0', `trouble reading ${this.#todo.path}`)
    if (this.#only === undefined || this.#hasFiles()) this.#settle(sender)
    else if (this.#shared.delivered.has(this.#id)) this.#eliminate()
    else if (this.#waits() || !this.#shared.tryFirst(this.#only.channel, this.#firstTry(this.#only, sender))) this.#settle(sender)
  }

  /** Whether there is to be no attempt before it is preprocessed: it is held, or what comes of it is to be written down. */
  #waits(): boolean {
    const { message } = this.#facts
    return asksForSuccess(this.#facts) || this.#shared.heldLogins.holds(message) || heldUntil(message) > this.#birth
  }

  /** Whether an earlier attempt at preprocessing has left files, which would outlive todo/N. */
  #hasFiles(): boolean {
    return [this.#info, ...both(this.#channels)].some((file) => exists(file.path))
  }

  #firstTry(destination: Destination, sender: string): FirstTry {
    return {
      id: this.#id,
      sender,
      recipient: destination.address,
      facts: this.#facts,
      dying: nowSeconds() > this.#birth + this.#shared.controls.lifetimeSeconds,
      doubtful: destination.channel === 'remote' && isDoubtful(this.#id, sender, this.#shared.controls, this.#shared.routing),
      ended: (verdict, text) => {
        if (verdict === 'success') this.#eliminate()
        else {
          this.#tried = { destination, verdict, text, endedAt: performance.now() }
          this.#guard(() => this.#settle(sender))
        }
      },
      givenBack: () => undefined, // who started it lets it wait again
      notTried: () => {
        if (this.#shared.leaving) this.#end('left')
        else this.#guard(() => this.#settle(sender))
      },
    }
  }

  /**
   * S4 -> S2 -> S1. mess/N goes only when todo/N is gone. While it cannot be removed, that is all that is tried again.
   */
  #eliminate(): void {
    const { log, cleaner, delivered } = this.#shared
    const todoGone = (gone: boolean): void => {
      if (!gone) {
        delivered.remember(this.#id)
        this.#fail(`qmail-clean unable to clean up ${this.#todo.path}`)
        return
      }
      delivered.forget(this.#id)
      log.line(`end msg ${this.#id}`)
      this.#end('gone')
    }
    cleaner.askForAll(this.#id, this.#mayBeKept, todoGone, () => log.warning(`qmail-clean unable to clean up foop/${this.#id}`))
  }

  /** S4 -> S5. */
  #settle(sender: string): void {
    this.#writeOnly()
    const facts = InfoFacts.of(this.#facts, this.#places)
    this.#info.write(`F${sender}\0${facts.records}`)
    const files = [this.#info, ...both(this.#channels)]
    for (const file of files) file.finish()
    syncAll(files, (failed) => {
      if (failed === undefined) this.#clean(sender, facts)
      else this.#fail(`trouble fsyncing ${failed.path}`)
      this.#shared.wake()
    })
  }

  #clean(sender: string, facts: InfoFacts): void {
    this.#close()
    const { local, remote } = this.#channels
    const message = {
      sender,
      facts,
      birth: this.#birth,
      warned: false,
      channels: { local: local.created, remote: remote.created },
      records: { local: local.content, remote: remote.content },
      tried: this.#tried,
    }
    this.#shared.cleaner.ask('todo', this.#id, (removed) => {
      if (removed) this.#done(message)
      else this.#fail(`qmail-clean unable to clean up ${this.#todo.path}`)
    })
  }

  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#fail(warningOf(error))
    }
  }

  #fail(warning: string): void {
    this.#shared.log.warning(warning)
    this.#end('failed')
  }

  #end(result: 'gone' | 'left' | 'failed'): void {
    this.#close()
    this.#done(result)
  }

  #close(): void {
    for (const file of [this.#todo, this.#info, ...both(this.#channels)]) file.close()
  }
}

/** The number that a text starts with. */
function decimal(text: string): string {
  return /^0*([0-9]+)/.exec(text)?.[1] ?? '0'
}
