/** What the log of the door tells: which connection has brought a message, and which messages were refused. */
import { clientWord, type DoorEvent, parseDoorLine } from '@yabumi/logline'
import type { Life } from './history.ts'

/** A connection, as the log has it. */
export interface Connection {
  readonly address: string
  readonly port: string
  /** The name that the client gave itself, and how its session ended; undefined while it has not, or where the log has lost that. */
  helo: string | undefined
  end: string | undefined
}

/** A message that smtpd has acknowledged. */
export interface Arrival extends Connection {
  /** Seconds since 1970, with a fraction if the log has one; undefined where it has no times. */
  readonly time: number | undefined
  /** What queue said: the message's number, or its own process number. */
  readonly qp: string
  /** As smtpd handed it over. */
  readonly bytes: number
  /** As it stands in the log: one word, cut. */
  readonly messageId: string
}

/** A message that was refused behind its final dot. */
export interface Refusal extends Connection {
  readonly time: number | undefined
  readonly reply: string
}

/** What queue puts in front of a message is some 60 bytes. */
const mostQueueBytes = 200
/** smtpd's line may be later than send's first one, as lines gather; and send may begin long after, if it did not run. */
const lateSeconds = 5

export class Door {
  readonly arrivals: Arrival[] = []
  readonly refusals: Refusal[] = []
  readonly #wanted: (event: DoorEvent & { kind: 'message' | 'refused' }) => boolean
  /** Those whose end has not come, by client. */
  readonly #open = new Map<string, Connection[]>()

  /** @param wanted - a number, or a Message-ID with its angle brackets */
  constructor(wanted: string) {
    const word = clientWord(wanted)
    this.#wanted = wanted.startsWith('<')
      ? ({ messageId }) => messageId === word
      : (event) => event.kind === 'message' && event.qp === wanted
  }

  /** @param labels - as for parseDoorLine */
  take(line: string, labels?: number): void {
    const event = parseDoorLine(line, labels)
    if (event === undefined) return
    if (event.kind === 'ended') this.#end(event)
    else if (this.#wanted(event)) this.#keep(event)
  }

  #keep(event: DoorEvent & { kind: 'message' | 'refused' }): void {
    const { address, port, time } = event
    const connection = { address, port, time, helo: undefined, end: undefined }
    if (event.kind === 'message') {
      const { qp, bytes, messageId } = event
      this.#add(this.arrivals, { ...connection, qp, bytes, messageId })
    } else this.#add(this.refusals, { ...connection, reply: event.reply })
  }

  #add<T extends Connection>(all: T[], one: T): void {
    const client = `${one.address} ${one.port}`
    all.push(one)
    this.#open.set(client, [...(this.#open.get(client) ?? []), one])
  }

  #end({ address, port, why, helo }: DoorEvent & { kind: 'ended' }): void {
    const client = `${address} ${port}`
    for (const connection of this.#open.get(client) ?? []) {
      connection.end = why
      connection.helo = helo
    }
    this.#open.delete(client)
  }
}

/** The life of the message that came so: of those that fit the nearest in time; undefined if the log of send does not reach back as far. */
export function lifeOf(arrival: Arrival, lives: readonly Life[]): Life | undefined {
  const distance = ({ begun }: Life): number => (begun === undefined || arrival.time === undefined ? 0 : Math.abs(begun - arrival.time))
  const nearer = (best: Life | undefined, life: Life): Life => (best !== undefined && distance(best) < distance(life) ? best : life)
  return lives.filter((life) => fits(arrival, life)).reduce<Life | undefined>(nearer, undefined)
}

function fits({ qp, bytes, time }: Arrival, { id, info, begun }: Life): boolean {
  if ((info?.qp ?? id) !== qp) return false
  if (info !== undefined && (info.bytes < bytes || info.bytes > bytes + mostQueueBytes)) return false
  return begun === undefined || time === undefined || begun >= time - lateSeconds
}
