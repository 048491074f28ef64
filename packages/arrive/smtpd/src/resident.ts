/**
 * Many connections in one event loop, on listening sockets of our own.
 *
 * TERM    accept no more, end idle sessions with 421, let messages under way have their reply within control/stoptime,
 *         leave. A second one: at once
 * HUP     read control/ anew for the sessions to come
 */
import type { Socket } from 'node:net'
import { announceReady, complain } from '@yabumi/commandline'
import { onControlWarning, StopTime, watchControls } from '@yabumi/control'
import { Correspondents } from '@yabumi/correspondents'
import { Greylist } from '@yabumi/greylist'
import { type Account, becomeAccount } from '@yabumi/home'
import { overdueSeconds, smtpBlockedSeconds, smtpEnvelopeBytesPerClient } from '@yabumi/limits'
import { callerOf, type Door, doorText, type Ends, type Listener, listen, noRule, type Recount, type Rule } from '@yabumi/listener'
import { type Caller, DoorLog } from '@yabumi/logline'
import { ServerTls } from '@yabumi/tlsfiles'
import { endsBehind, isProxy } from './behindproxy.ts'
import { byAuthd } from './byauthd.ts'
import { ClientNames } from './clientnames.ts'
import { Counted } from './counted.ts'
import { CurrentSettings, settingsFor } from './currentsettings.ts'
import { type Doorkeeper, findDoorkeeper } from './doorkeeper.ts'
import { EnvelopeMemory } from './envelopememory.ts'
import type { Logins } from './logins.ts'
import { oneListJudge } from './onelistjudge.ts'
import { tellPostmaster } from './postmaster.ts'
import { reply } from './replies.ts'
import { isStranger } from './screen.ts'
import { Session } from './session.ts'
import { SessionLog } from './sessionlog.ts'
import type { Settings } from './settings.ts'
import { submissionTerms } from './smtpauth.ts'
import { SocketWire } from './socketwire.ts'
import { UserLimits } from './userlimits.ts'
import { UserQuestions } from './userquestions.ts'
import type { SessionTls, Shared } from './wire.ts'

export { doorsOf } from '@yabumi/listener'

export interface ResidentOptions {
  readonly endpoints: readonly Door[]
  /** Look up the names of clients. */
  readonly ptr: boolean
  /** File of rules for clients; undefined for the usual one, if it is there. */
  readonly rulesFile: string | undefined
  /** Whether it is people who send here. */
  readonly submission: boolean
  readonly readyFd: number | undefined
  /** Become this account once the sockets are bound. */
  readonly account: Account | undefined
  readonly environment: ReadonlyMap<string, string>
}

/** Listen and serve until TERM. @returns when the last session has ended */
export async function serveNetwork(options: ResidentOptions): Promise<void> {
  onControlWarning((warning) => complain(`smtpd: warning: ${warning}`))
  const current = new CurrentSettings(options.environment, options.submission ? submissionTerms : undefined)
  const stopTime = new StopTime((line) => complain(`smtpd: ${line}`))
  const names = options.ptr ? new ClientNames() : undefined
  const doorkeeper = findDoorkeeper(options.rulesFile, names)
  const server = new Server(current, names, doorkeeper, options.submission ? byAuthd : undefined)
  const listener = await listen({
    endpoints: options.endpoints,
    get connections() {
      return current.limits.connections
    },
    get connectionsPerClient() {
      return current.limits.connectionsPerClient
    },
    halfOpen: true,
    isProxy: (address) => server.isProxy(address),
    refused: (ends, limit) => server.noteLimit(ends, limit),
    refusal: (full, { tlsAtOnce }) => (tlsAtOnce ? '' : full === 'all' ? reply.tooManyConnections : reply.tooManyOfYours),
    settle: () => {
      if (options.account !== undefined) becomeAccount(options.account)
      current.reread() // what root could read this account may not
      server.openTls(options.environment)
    },
    giveWay: (socket) => server.giveWay(socket),
    serve: (socket, ends, door, recount) => server.serve(socket, ends, door, recount),
  })
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  const reread = (): void => {
    current.reread()
    server.reread()
  }
  process.on('SIGHUP', reread)
  const unwatch = await watchControls(reread)
  try {
    if (current.settings?.allowedHosts === undefined && !options.submission)
      complain('smtpd: warning: there is no control/rcpthosts, so mail for every domain is taken')
    if (doorkeeper !== undefined) complain(`smtpd: clients are under the rules of ${doorkeeper.path}`)
    for (const door of listener.endpoints) complain(`smtpd: listening on ${doorText(door)}`)
    if (options.endpoints.some(({ tlsAtOnce }) => tlsAtOnce) && !server.tls.isAvailable)
      complain('smtpd: warning: there is no certificate that can be read, so nobody gets TLS')
    announceReady(options.readyFd)
    await told
  } finally {
    await server.leave(listener, stopTime.seconds)
    await unwatch()
  }
}

class Server {
  readonly #current: CurrentSettings
  readonly #names: ClientNames | undefined
  readonly #doorkeeper: Doorkeeper | undefined
  readonly #shared: Shared
  readonly #log = new DoorLog('smtpd', complain)
  readonly #sessions = new Map<Socket, Session>()
  #tls: ServerTls | undefined
  #leaving = false
  #watch: NodeJS.Timeout | undefined

  constructor(current: CurrentSettings, names: ClientNames | undefined, doorkeeper: Doorkeeper | undefined, logins: Logins | undefined) {
    const log = (line: string): void => complain(`smtpd: ${line}`)
    this.#shared = {
      memory: new EnvelopeMemory(smtpEnvelopeBytesPerClient, log),
      users: new UserQuestions(log),
      logins,
      counted: new Counted(),
      greylist: { greylist: new Greylist('state/smtp', log), correspondents: new Correspondents() },
      listJudge: oneListJudge(log),
      limits: logins && new UserLimits(log, (line) => void this.#tellOperator(line)),
    }
    this.#current = current
    this.#names = names
    this.#doorkeeper = doorkeeper
    process.once('exit', () => this.#log.end())
  }

  async #tellOperator(line: string): Promise<void> {
    complain(`smtpd: ${line}`)
    const { settings } = this.#current
    const trouble = settings && (await tellPostmaster(line, settings))
    if (trouble !== undefined) complain(`smtpd: postmaster has no mail about that: ${trouble}`)
  }

  /** Certificates are read as whoever reads them later. */
  openTls(environment: ReadonlyMap<string, string>): void {
    this.#tls = new ServerTls(environment, (line) => complain(`smtpd: ${line}`), true)
    this.#tls.watch()
  }

  get tls(): ServerTls {
    if (this.#tls === undefined) throw new Error('TLS is not open yet')
    return this.#tls
  }

  reread(): void {
    this.tls.reread()
    this.#shared.limits?.reread()
  }

  /** Whether who connects from this address speaks for others. */
  isProxy(address: string): boolean {
    const rule = this.#doorkeeper?.ruleFor(address)
    return !(rule instanceof Promise) && isProxy(rule)
  }

  /** @param recount - where it may be a proxy that connects; without, it is the client whom one has named */
  serve(socket: Socket, ends: Ends, door: Door, recount?: Recount): void {
    if (recount !== undefined && this.isProxy(ends.remote.address)) {
      void this.#unwrap(socket, ends, door, recount)
      return
    }
    const rule = this.#doorkeeper === undefined ? noRule : this.#doorkeeper.ruleFor(ends.remote.address)
    if (rule instanceof Promise) {
      socket.on('error', () => {})
      void rule.then((settled) => this.#obey(settled, socket, ends, door))
    } else this.#obey(rule, socket, ends, door)
  }

  /** The proxy says whose connection it is, and everything is the client's from then on. */
  async #unwrap(socket: Socket, ends: Ends, door: Door, recount: Recount): Promise<void> {
    const behind = await endsBehind(socket, ends)
    const excess = behind && recount(behind.remote.address)
    if (behind === undefined) {
      this.#note(callerOf(ends.remote), 'is a proxy, and has not said whose connection it is')
      socket.destroy()
    } else if (excess === undefined) this.serve(socket, behind, door)
    else {
      this.noteLimit(behind, excess.limit)
      refuse(socket, door.tlsAtOnce ? '' : excess.full === 'all' ? reply.tooManyConnections : reply.tooManyOfYours)
    }
  }

  #obey(rule: Rule | undefined, socket: Socket, ends: Ends, door: Door): void {
    const { settings } = this.#current
    if (rule?.denies) {
      this.#note(callerOf(ends.remote), 'denied by a rule')
      socket.destroy()
    } else if (rule === undefined || settings === undefined) this.#turnAway(socket, ends, door, reply.controls)
    else if (this.#leaving) this.#turnAway(socket, ends, door, reply.leaving)
    else if (door.tlsAtOnce && !this.tls.admits(ends.remote.address)) this.#turnAway(socket, ends, door, reply.tooManyHandshakes)
    else if (!socket.destroyed) this.#admit(socket, ends, door, settingsFor(ends, rule.variables, settings))
  }

  #admit(socket: Socket, ends: Ends, door: Door, settings: Settings): void {
    const { connectRate } = settings.screen
    const { address } = ends.remote
    const isWithin = connectRate === 0 || !isStranger(address, settings) || this.#shared.counted?.connections.admits(address, connectRate)
    if (isWithin) this.#converse(socket, ends, door, settings)
    else this.#turnAway(socket, ends, door, reply.tooManyOfYours)
  }

  /** A client that a limit keeps out. */
  noteLimit(ends: Ends, limit: string): void {
    this.#note(callerOf(ends.remote), `refused, ${limit} are the limit`)
  }

  #turnAway(socket: Socket, ends: Ends, { tlsAtOnce }: Door, text: string): void {
    this.#note(callerOf(ends.remote), `turned away, ${text.trimEnd()}`)
    refuse(socket, tlsAtOnce ? '' : text)
  }

  #note(caller: Caller, event: string): void {
    if (this.#current.settings?.logsDoor !== false) this.#log.note(caller, event)
  }

  #converse(socket: Socket, { local, remote }: Ends, { tlsAtOnce }: Door, settings: Settings): void {
    const client = {
      remoteHost: this.#names?.nameOf(remote.address) ?? 'unknown',
      remoteAddress: remote.address,
      remoteInfo: undefined,
      localHost: this.#current.localHost ?? local.address,
    }
    const caller = callerOf(remote, settings.relayClient !== undefined)
    const log = settings.logsDoor === false ? undefined : new SessionLog(this.#log, caller)
    const wire = new SocketWire(socket, this.tls, settings.silenceSeconds)
    const session = new Session(client, settings, wire, this.#shared, this.#tlsFor(remote.address), log)
    this.#sessions.set(socket, session)
    this.#watch ??= setInterval(() => this.#endOverdue(), 1000 * overdueSeconds)
    socket.setTimeout(settings.silenceSeconds * 1000, () => {
      if (session.isOver) socket.destroy()
      else session.silent()
    })
    if (settings.blocked !== undefined) this.#block(socket, caller, settings)
    wire.bringTo(session)
    socket.on('close', () => {
      session.lost()
      this.#sessions.delete(socket)
    })
    session.greet(tlsAtOnce)
    if (!tlsAtOnce) wire.resume() // a proxy's header was taken off
  }

  #tlsFor(address: string): SessionTls {
    const { tls } = this
    return {
      facts: undefined,
      get isAvailable() {
        return tls.isAvailable
      },
      admits: () => tls.admits(address),
    }
  }

  /** End a session that nothing would be lost with. @returns whether it was one */
  giveWay(socket: Socket): boolean {
    return this.#sessions.get(socket)?.giveWay() ?? false
  }

  /** A client that is blocked is not worth a connection for long. */
  #block(socket: Socket, caller: Caller, { blocked, silenceSeconds }: Settings): void {
    this.#note(caller, `blocked, ${blocked}`)
    const patience = setTimeout(() => socket.destroy(), 1000 * Math.min(smtpBlockedSeconds, silenceSeconds))
    socket.on('close', () => clearTimeout(patience))
  }

  #endOverdue(): void {
    if (this.#sessions.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
    }
    for (const session of this.#sessions.values()) session.endIfOverdue()
  }

  /** End every session in good order; those that take too long are cut off, with nothing acknowledged. */
  async leave(listener: Listener, seconds: number): Promise<void> {
    this.#leaving = true
    const impatience = setTimeout(() => {
      for (const socket of this.#sessions.keys()) socket.destroy()
    }, 1000 * seconds)
    for (const session of this.#sessions.values()) session.leave()
    await listener.stop()
    this.#shared.limits?.save()
    clearTimeout(impatience)
    clearInterval(this.#watch)
  }
}

function refuse(socket: Socket, text: string): void {
  socket.on('error', () => {})
  socket.write(text)
  socket.destroySoon()
}
