/**
 * The settings of a resident smtpd: read again when control/ changes, and not believed for longer than a minute.
 *
 * While they cannot be read, new clients hear 421, as qmail's do. An older version of what the operator wants could let
 * mail in that must stay out.
 */
import { complain } from '@yabumi/commandline'
import { readLine } from '@yabumi/control'
import { smtpConnections, smtpConnectionsPerClient } from '@yabumi/limits'
import { connectionVariables, type Ends } from '@yabumi/listener'
import { errorText } from '@yabumi/trouble'
import { blockingReply } from './blocked.ts'
import { readSettings, type Settings, withVariables } from './settings.ts'
import type { LoginTerms } from './smtpauth.ts'

/** A change of control/ that nobody told us about counts after this time at the latest. */
const believedMilliseconds = 60_000

export type ConnectionLimits = Pick<Settings, 'connections' | 'connectionsPerClient'>

export class CurrentSettings {
  readonly #environment: ReadonlyMap<string, string>
  readonly #login: LoginTerms | undefined
  #settings: Settings | undefined
  #limits: ConnectionLimits = { connections: smtpConnections, connectionsPerClient: smtpConnectionsPerClient }
  #lastGood: Settings | undefined
  #localHost: string | undefined
  #readAt = 0
  #complaint = ''

  /** @param login - as of readSettings(). @throws Trouble 4.3.0 that names the file: a server that could serve nobody should not start */
  constructor(environment: ReadonlyMap<string, string>, login: LoginTerms | undefined) {
    this.#environment = environment
    this.#login = login
    this.#read()
  }

  /** For a session that begins now; undefined if they cannot be read, which was logged. */
  get settings(): Settings | undefined {
    if (performance.now() - this.#readAt > believedMilliseconds) this.reread()
    return this.#settings
  }

  /** What we call ourselves in Received lines; undefined for the address that the client found us at. */
  get localHost(): string | undefined {
    return this.#localHost
  }

  /** How many connections at once; the last that could be read. */
  get limits(): ConnectionLimits {
    return this.#limits
  }

  reread(): void {
    try {
      this.#read()
      this.#complaint = ''
    } catch (error) {
      this.#settings = undefined
      this.#readAt = performance.now()
      const complaint = errorText(error)
      if (complaint !== this.#complaint) complain(`smtpd: ${complaint}; new clients hear 421 until that is put right`)
      this.#complaint = complaint
    }
  }

  #read(): void {
    this.#localHost = this.#environment.get('TCPLOCALHOST') ?? readLine('me')
    this.#settings = readSettings(this.#environment, this.#login, this.#lastGood)
    this.#limits = this.#settings
    this.#lastGood = this.#settings
    this.#readAt = performance.now()
  }
}

/**
 * What holds for one client of the resident form: its rule's variables on top, and, where a program is to be run for it,
 * the connection in the program's environment as under tcpserver. Ordinary clients share the settings of all.
 */
export function settingsFor(ends: Ends, variables: readonly (readonly [name: string, value: string])[], settings: Settings): Settings {
  const own = variables.length === 0 ? settings : withVariables(settings, new Map(variables))
  const blocked = blockingReply(own.environment.get('RBLSMTPD'))
  if (blocked !== undefined) return { ...own, blocked, greetDelaySeconds: 0 }
  const runsPrograms = own.recipientCheck !== undefined || own.environment.has('QMAILQUEUE')
  return runsPrograms ? withVariables(own, new Map(connectionVariables(ends))) : own
}
