/**
 * A scratch home with users, and the whole system running on it. Works as root and as a normal user: mail for the users goes through
 * users/assign, as root to an account that owns nothing else, otherwise to the caller's own.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { freePort } from './ports.ts'
import { Running, type RunOptions } from './running.ts'

export const checkout = realpathSync(join(import.meta.dirname, '../..'))
export const amRoot = process.getuid?.() === 0
/** The account of the users of scratch homes. */
export const userAccount = amRoot ? { uid: 65_534, gid: 65_534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
export const hostName = 'mail.test.example'

/** What tap's tests have; the tour brings its own. */
export interface Cleaner {
  teardown(work: () => unknown): unknown
}

export class ScratchHome {
  /** Everything of this home, the users' homes included, is below it. */
  readonly root: string
  /** YABUMI_HOME. */
  readonly directory: string
  readonly #cleaner: Cleaner
  readonly #users: string[] = []

  private constructor(cleaner: Cleaner) {
    this.#cleaner = cleaner
    this.root = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-'))
    chmodSync(this.root, 0o755)
    this.directory = join(this.root, 'home')
    cleaner.teardown(() => rmSync(this.root, { recursive: true, force: true }))
  }

  /** A home made by config-fast, with these users; each has a home directory and a Maildir. */
  static async make(cleaner: Cleaner, ...users: string[]): Promise<ScratchHome> {
    const home = new ScratchHome(cleaner)
    await home.run('config-fast', [hostName])
    for (const user of users) home.#addUser(user)
    if (users.length > 0) await home.assign()
    return home
  }

  get environment(): Record<string, string> {
    const path = `${this.directory}/bin:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`
    return { YABUMI_HOME: this.directory, PATH: path }
  }

  /** Run a program of the home to its end; its error is thrown unless `reject` is false. */
  run(program: string, args: string[] = [], options: { input?: string | Buffer; reject?: boolean; env?: Record<string, string> } = {}) {
    const { input = '', reject = true, env = {} } = options
    const file = join(existsSync(join(this.directory, 'bin')) ? this.directory : checkout, 'bin', program)
    return execa(file, args, {
      cwd: this.root,
      env: { ...this.environment, ...env },
      extendEnv: false,
      input,
      reject,
      stripFinalNewline: false,
    })
  }

  inject(args: string[], message: string) {
    return this.run('inject', args, { input: message })
  }

  /** Put a text into control/NAME; undefined removes it. */
  control(name: string, text: string | undefined): void {
    const path = join(this.directory, 'control', name)
    if (text === undefined) rmSync(path, { force: true })
    else writeFileSync(path, text, 'latin1')
  }

  userHome(user: string): string {
    return join(this.root, 'users', user)
  }

  /** Put a file into a user's home: `.qmail`, `.qmail-list`, a program. */
  userFile(user: string, name: string, text: string, mode = 0o600): string {
    const path = join(this.userHome(user), name)
    writeFileSync(path, text, { encoding: 'latin1', mode })
    chmodSync(path, mode)
    chownSync(path, userAccount.uid, userAccount.gid)
    if (/^Maildir\/(new|cur)\//.test(name)) utimesSync(path, 1_000_000_000, 1_000_000_000) // pop3d leaves what came in this very second for the next session
    return path
  }

  /** Compile users/assign: the users, each with extensions, and alias for everyone else. */
  async assign(): Promise<void> {
    const { uid, gid } = userAccount
    const lines = this.#users.flatMap((user) => {
      const directory = this.userHome(user)
      return [`=${user}:${user}:${uid}:${gid}:${directory}:::`, `+${user}-:${user}:${uid}:${gid}:${directory}:-::`]
    })
    const alias = join(this.directory, 'alias')
    chownSync(alias, uid, gid)
    chmodSync(alias, 0o2755)
    const text = [...lines, `+:alias:${uid}:${gid}:${alias}:-::`, '.', ''].join('\n')
    writeFileSync(join(this.directory, 'users/assign'), text)
    await this.run('newu')
  }

  /** The messages of a Maildir (new and cur), oldest first. */
  maildir(user: string, name = 'Maildir'): string[] {
    const directory = join(this.userHome(user), name)
    const files = ['new', 'cur'].flatMap((part) => readdirSync(join(directory, part)).map((file) => join(directory, part, file)))
    return files.sort().map((file) => readFileSync(file, 'latin1'))
  }

  /** Numbers of the messages in the queue, from mess/. */
  queued(): string[] {
    const mess = join(this.directory, 'queue/mess')
    return readdirSync(mess).flatMap((part) => readdirSync(join(mess, part)))
  }

  /** Numbers of the messages that are not finished: queued (todo/) or preprocessed (info/). A crash may leave more in mess/ for a while. */
  pending(): string[] {
    const queue = join(this.directory, 'queue')
    const parts = readdirSync(join(queue, 'info')).map((part) => join(queue, 'info', part))
    return [join(queue, 'todo'), ...parts].flatMap((directory) => readdirSync(directory))
  }

  /** Run the whole system; it is stopped at the end of the test at the latest. */
  async supervise(options: RunOptions = {}): Promise<Running> {
    const addresses = { smtp: [`127.0.0.1:${await freePort()}`], pop3: [`127.0.0.1:${await freePort()}`], ...options }
    const running = new Running(this, addresses)
    this.#cleaner.teardown(() => running.stop())
    await running.ready()
    return running
  }

  #addUser(user: string): void {
    this.#users.push(user)
    const directory = this.userHome(user)
    mkdirSync(dirname(directory), { recursive: true, mode: 0o755 })
    for (const path of [directory, ...['', 'tmp', 'new', 'cur'].map((part) => join(directory, 'Maildir', part))]) {
      mkdirSync(path, { mode: 0o700 })
      chownSync(path, userAccount.uid, userAccount.gid)
    }
  }
}
