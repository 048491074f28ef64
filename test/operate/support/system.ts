/**
 * A system installation in a scratch directory, with real accounts of its own, and users with homes and mail. As root only.
 *
 * Everything it makes, the accounts included, is gone when the test ends.
 */
import {
  chmodSync,
  chownSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Role, roles } from '@yabumi/home'
import { execa } from 'execa'
import { type Cleaner, checkout, hostName } from '../../support/home.ts'
import { freePort } from '../../support/ports.ts'
import { until } from '../../support/wait.ts'

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

export class System {
  readonly root: string
  /** Where the programs are. */
  readonly prefix: string
  /** Its YABUMI_HOME. */
  readonly home: string
  readonly accountPrefix: string
  readonly #cleaner: Cleaner
  readonly #settings: Record<string, string>
  readonly #users: string[] = []

  constructor(cleaner: Cleaner, settings: Record<string, string> = {}) {
    this.#cleaner = cleaner
    this.root = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-install-'))
    chmodSync(this.root, 0o755)
    this.prefix = join(this.root, 'usr')
    this.home = join(this.root, 'var/yabumi')
    this.accountPrefix = `yt${process.pid.toString(36)}-`
    this.#settings = settings
    cleaner.teardown(() => this.#remove())
  }

  /** Installed, named, and with these users. */
  static async make(cleaner: Cleaner, ...users: string[]): Promise<System> {
    const system = new System(cleaner)
    await system.make('install')
    await system.run('config-fast', [hostName])
    for (const user of users) await system.addUser(user)
    return system
  }

  /** What `make install`, `make check-install` and `make uninstall` run. @param of - another checkout */
  make(target: 'install' | 'check-install' | 'uninstall', reject: boolean = target === 'install', of = checkout) {
    const env = {
      PATH: process.env['PATH'] ?? '',
      PREFIX: this.prefix,
      YABUMI_HOME: this.home,
      ACCOUNT_PREFIX: this.accountPrefix,
      ...this.#settings,
    }
    const [file = ''] = globSync('packages/{build,*/build}/src/install.ts', { cwd: of }) // an older one has no wings
    return execa(process.execPath, [join(of, file), target], { cwd: '/', env, extendEnv: false, reject })
  }

  program(name: string): string {
    return join(this.home, 'bin', name)
  }

  /** Run one of its programs to the end, as root or as somebody. Nothing of the environment says where its home is. */
  run(program: string, args: string[] = [], options: { input?: string; as?: { uid: number; gid: number }; reject?: boolean } = {}) {
    const { input = '', as = { uid: 0, gid: 0 }, reject = true } = options
    return execa(this.program(program), args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, extendEnv: false, input, reject, ...as })
  }

  async addUser(label: string): Promise<User> {
    const name = `${this.accountPrefix}${label}`
    const home = join(this.root, 'homes', label)
    mkdirSync(join(this.root, 'homes'), { recursive: true, mode: 0o755 })
    await execa('useradd', ['--create-home', '--home-dir', home, '--skel', '/nonexistent', '--shell', '/bin/sh', '--user-group', name])
    this.#users.push(name)
    const user = await this.user(label)
    chmodSync(home, 0o755)
    await this.run('maildirmake', [join(home, 'Maildir')], { as: user })
    return user
  }

  /** A user that addUser has made, by its label. */
  async user(label: string): Promise<User> {
    const name = `${this.accountPrefix}${label}`
    const [, , uid, gid, , home = ''] = (await execa('getent', ['passwd', name])).stdout.split(':')
    return { name, uid: Number(uid), gid: Number(gid), home }
  }

  /** One of the home's accounts. */
  account(role: Role): Promise<User> {
    return this.user(role)
  }

  /** Run the whole system; it is stopped at the end of the test at the latest. @param withPop3 - which needs the accounts front, auth and log */
  async supervise(withPop3 = true): Promise<RunningSystem> {
    const running = new RunningSystem(this, await freePort(), withPop3 ? await freePort() : undefined)
    this.#cleaner.teardown(() => running.stop())
    await running.ready()
    return running
  }

  async #remove(): Promise<void> {
    const names = [...this.#users, ...roles.map((role) => `${this.accountPrefix}${role}`)]
    for (const name of names) await execa('userdel', ['--force', name], { reject: false }) // a program of his may still be on its way out
    const groups = [this.accountPrefix.slice(0, -1), ...['keys', 'remotekeys'].map((name) => `${this.accountPrefix}${name}`)]
    for (const group of [...names, ...groups]) await execa('groupdel', [group], { reject: false })
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** The messages in a Maildir's new/, oldest first. */
export function mailOf(user: User): string[] {
  const directory = join(user.home, 'Maildir/new')
  return readdirSync(directory)
    .sort()
    .map((name) => readFileSync(join(directory, name), 'latin1'))
}

/** Put a file into a user's home, theirs and closed to others. */
export function userFile({ home, uid, gid }: User, name: string, text: string, mode = 0o600): string {
  const path = join(home, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  chownSync(path, uid, gid)
  return path
}

export class RunningSystem {
  readonly smtpPort: number
  /** 0 without POP3. */
  readonly pop3Port: number
  readonly #child
  #hasEnded = false
  log = ''

  constructor(system: System, smtpPort: number, pop3Port: number | undefined) {
    this.smtpPort = smtpPort
    this.pop3Port = pop3Port ?? 0
    const listen = ['--smtp', `127.0.0.1:${smtpPort}`, ...(pop3Port === undefined ? [] : ['--pop3', `127.0.0.1:${pop3Port}`])]
    this.#child = execa(system.program('supervise'), [...listen, '--ready-fd', '3'], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      extendEnv: false,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      reject: false,
      buffer: false,
    })
    this.#child.stderr.on('data', (text: Buffer) => {
      this.log += text.toString('latin1')
    })
    void this.#child.then(() => {
      this.#hasEnded = true
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async ready(): Promise<void> {
    let isReady = false
    ;(this.#child.stdio[3] as NodeJS.ReadableStream).on('data', () => {
      isReady = true
    })
    await until(
      () => `the system is up; the log so far:\n${this.log}`,
      () => isReady || this.#hasEnded,
    )
    if (this.#hasEnded) throw new Error(`supervise ended:\n${this.log}`)
  }

  /** Wait for a line in the log. */
  logs(pattern: RegExp): Promise<RegExpExecArray> {
    return until(
      () => `${pattern} in the log:\n${this.log}`,
      () => pattern.exec(this.log) ?? undefined,
    )
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#child
  }
}
