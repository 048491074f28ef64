/**
 * The connections to one address: how many at once, whose turn it is, and which are kept for the next message.
 *
 * A connection is kept only on demand: while messages wait for a turn. After many deliveries to the address it is kept
 * for a moment. Otherwise QUIT follows the message at once, as from qmail.
 */
import { connectionsPerAddress, reluctantSeconds } from '@yabumi/limits'
import { type Peer as ClientPeer, type Connection, type Ending, hangUp } from '@yabumi/smtpclient'

/** With as many connections as may be at once, a message waits this long for one of them before it gets one more. */
const turnMilliseconds = 200
/** An address is in demand if it had this many deliveries within the time. */
const demandDeliveries = 5
const demandMilliseconds = 2_000
/** How long a connection is kept without work. */
const lingerMilliseconds = 1_000
/** A connection older than this is not used again; hosts tire of long ones. */
const oldMilliseconds = 300_000
/** After a host has refused to go on with a connection it gets new ones only, for this long. */
const freshMilliseconds = 60_000

type IsFit = (connection: Connection) => boolean

interface Waiting {
  readonly isFit: IsFit
  readonly resolve: (connection: Connection | undefined) => void
  readonly timer: NodeJS.Timeout
}

export class Peer implements ClientPeer {
  /** Connections in use or being made. */
  #busy = 0
  #idle: { readonly connection: Connection; readonly timer: NodeJS.Timeout }[] = []
  #waiting: Waiting[] = []
  /** When the last deliveries were, newest last. */
  #deliveries: number[] = []
  #freshUntil = 0
  #reluctantUntil = 0

  get reluctant(): boolean {
    return performance.now() < this.#reluctantUntil
  }

  /** Nothing is under way here. */
  get quiet(): boolean {
    return this.#busy === 0 && this.#idle.length === 0
  }

  /** Wait for a turn. @returns a connection to go on with, or undefined: a new one may be made */
  claim(isFit: IsFit): Promise<Connection | undefined> | Connection | undefined {
    const kept = this.#takeIdle(isFit)
    if (kept === undefined && this.#busy >= connectionsPerAddress) return this.#turn(isFit)
    this.#busy += 1
    return kept
  }

  /** Give a turn back without a connection. */
  yield(): void {
    this.#pass(undefined)
  }

  /** The host was done with a connection that it had carried messages over. */
  abandon(connection: Connection): void {
    this.#freshUntil = performance.now() + freshMilliseconds
    this.end()
    connection.close()
    this.#pass(undefined)
  }

  /** Take a connection back after a message for some recipients. */
  release(connection: Connection, ending: Ending, recipients: number): void {
    this.#reluctantUntil = ending.elsewhere === true ? performance.now() + reluctantSeconds * 1000 : 0
    this.#countDeliveries(recipients)
    if (ending.fate === 'keep' && this.#worthKeeping(connection)) {
      this.#pass(connection)
      return
    }
    hangUp(connection, ending)
    this.#pass(undefined)
  }

  /** Say QUIT on the connections that are kept. */
  end(): void {
    for (const { connection, timer } of this.#idle) {
      clearTimeout(timer)
      connection.quit()
    }
    this.#idle = []
  }

  /** The limit keeps a quick host from being flooded; a slow one must not hold up more than qmail would let it. */
  #turn(isFit: IsFit): Promise<Connection | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((waiting) => waiting.timer !== timer)
        this.#busy += 1
        resolve(undefined)
      }, turnMilliseconds)
      this.#waiting.push({ isFit, resolve, timer })
    })
  }

  /** The one that was kept last of those that are fit. */
  #takeIdle(isFit: IsFit): Connection | undefined {
    for (const kept of this.#idle.filter(({ connection }) => isFit(connection)).reverse()) {
      this.#idle = this.#idle.filter((other) => other !== kept)
      clearTimeout(kept.timer)
      if (kept.connection.idle) return kept.connection
      kept.connection.close()
    }
    return undefined
  }

  #pass(connection: Connection | undefined): void {
    const next = this.#waiting.find(({ isFit }) => connection !== undefined && isFit(connection)) ?? this.#waiting[0]
    if (next !== undefined) {
      this.#waiting = this.#waiting.filter((waiting) => waiting !== next)
      clearTimeout(next.timer)
      const isOfUse = connection === undefined || next.isFit(connection)
      if (!isOfUse) connection.quit()
      next.resolve(isOfUse ? connection : undefined)
      return
    }
    this.#busy -= 1
    if (connection === undefined) return
    const timer = setTimeout(() => {
      this.#idle = this.#idle.filter((kept) => kept.connection !== connection)
      connection.quit()
    }, lingerMilliseconds)
    this.#idle.push({ connection, timer })
  }

  #countDeliveries(count: number): void {
    const now = performance.now()
    for (let i = 0; i < Math.min(count, demandDeliveries); i += 1) this.#deliveries.push(now)
    this.#deliveries.splice(0, this.#deliveries.length - demandDeliveries)
  }

  #worthKeeping(connection: Connection): boolean {
    const now = performance.now()
    if (!connection.idle || now - connection.since > oldMilliseconds || now < this.#freshUntil) return false
    const [oldest] = this.#deliveries
    const inDemand = this.#deliveries.length === demandDeliveries && now - (oldest as number) < demandMilliseconds
    return inDemand || this.#waiting.length > 0
  }
}
