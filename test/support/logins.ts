/** The programs that log somebody in, authd, sessiond and the front of POP3 or IMAP, on a scratch home; as root each as an account of its own, if wanted. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Dialogue, oneLine } from './dialogue.ts'
import { type Cleaner, hostName, type ScratchHome } from './home.ts'
import { freePort } from './ports.ts'
import { until } from './wait.ts'

/** Numbers that no machine gives to anybody. */
export const accountUids = {
  queue: 61_101,
  send: 61_102,
  remote: 61_103,
  alias: 61_104,
  smtp: 61_105,
  front: 61_106,
  auth: 61_107,
  log: 61_108,
  check: 61_109,
}

/** Give a home of root's its accounts, of which passwd need not know. */
export function giveAccounts(home: ScratchHome): void {
  const directory = join(home.directory, 'accounts')
  mkdirSync(directory)
  chmodSync(directory, 0o755)
  const lines = Object.entries(accountUids).map(([role, uid]) => {
    writeFileSync(join(directory, role), '')
    chownSync(join(directory, role), uid, 0)
    return `${role}:${uid}\n`
  })
  writeFileSync(join(directory, 'groups'), lines.join(''))
}

type Name = 'authd' | 'sessiond' | 'popup' | 'imapd' | 'recipientd'

export interface LoginOptions {
  /** What sessions run. */
  readonly serve?: readonly string[]
  /** Whose clients log in; popup if it is not said. */
  readonly front?: 'popup' | 'imapd'
  /** More options of the front. */
  readonly more?: readonly string[]
  /** What the front asks for. */
  readonly wanted?: readonly string[]
  readonly without?: readonly Name[]
}

export class Logins {
  readonly home: ScratchHome
  readonly port: number
  /** What all of them have written to descriptor 2. */
  log = ''
  readonly #children = new Map<Name, ChildProcess>()
  readonly #connections: Dialogue[] = []

  private constructor(home: ScratchHome, port: number) {
    this.home = home
    this.port = port
  }

  /** Start them and wait until they can be called. They are ended with the test at the latest. */
  static async start(cleaner: Cleaner, home: ScratchHome, options: LoginOptions = {}): Promise<Logins> {
    const { front = 'popup', more = [], without = [] } = options
    const isImap = front === 'imapd'
    const { serve = isImap ? ['bin/imap', '--worker', 'Maildir', '%'] : ['bin/pop3d', 'Maildir'] } = options
    const { wanted = isImap ? ['imap', '--worker', 'Maildir'] : ['login', 'pop3d', 'Maildir'] } = options
    const logins = new Logins(home, await freePort())
    cleaner.teardown(async () => {
      for (const pop of logins.#connections) pop.close()
      for (const name of [...logins.#children.keys()].reverse()) await logins.stop(name)
    })
    const programs: [Name, string[]][] = [
      ['sessiond', ['--ready-fd', '3', ...serve]],
      ['authd', ['--ready-fd', '3']],
      [front, ['--listen', `127.0.0.1:${logins.port}`, ...more, '--ready-fd', '3', hostName, ...wanted]],
    ]
    for (const [name, args] of programs) if (!without.includes(name)) await logins.start(name, args)
    return logins
  }

  async start(name: Name, args: readonly string[]): Promise<void> {
    const { directory, environment } = this.home
    const child = spawn(join(directory, 'bin', name), args, { cwd: '/', env: environment, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
    this.#children.set(name, child)
    child.stderr?.on('data', (bytes: Buffer) => {
      this.log += bytes.toString('latin1')
    })
    const third = child.stdio[3] as Readable
    const ready = await new Promise((resolve) => third.once('data', () => resolve(true)).once('end', () => resolve(false)))
    if (ready !== true) throw new Error(`${name} is not ready: ${this.log}`)
  }

  pid(name: Name): number {
    return this.#children.get(name)?.pid ?? 0
  }

  /** @returns its exit code, or the signal that ended it */
  async stop(name: Name, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    const child = this.#children.get(name)
    if (child === undefined) return null
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode
    const ended = new Promise<number | NodeJS.Signals | null>((resolve) => child.once('exit', (code, by) => resolve(code ?? by)))
    child.kill(signal)
    child.kill('SIGCONT')
    return ended
  }

  signal(name: Name, signal: NodeJS.Signals): void {
    this.#children.get(name)?.kill(signal)
  }

  async connect(): Promise<{ pop: Dialogue; greeting: string }> {
    const pop = await Dialogue.open(this.port, oneLine)
    this.#connections.push(pop)
    return { pop, greeting: pop.transcript }
  }

  /** Log in by USER and PASS. @returns the connection and the last reply */
  async logIn(login: string, password: string): Promise<{ pop: Dialogue; reply: string }> {
    const { pop } = await this.connect()
    await pop.say(`USER ${login}`, oneLine)
    return { pop, reply: await pop.say(`PASS ${password}`, oneLine) }
  }

  logs(pattern: RegExp, times = 1): Promise<RegExpMatchArray[]> {
    const all = new RegExp(pattern.source, `${pattern.flags}g`)
    return until(
      () => `${times} times ${pattern} in the log:\n${this.log}`,
      () => {
        const matches = [...this.log.matchAll(all)]
        return matches.length >= times && matches
      },
    )
  }
}
