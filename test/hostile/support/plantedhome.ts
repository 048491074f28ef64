/**
 * A home of several accounts that nobody of the system has, with a message whose files can be replaced: what an account that has fallen plants in
 * the way of root's tools. As root only.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Cleaner, checkout, hostName } from '../../support/home.ts'

export const accounts = { queue: 61_101, send: 61_102, remote: 61_103, alias: 61_104, smtp: 61_105, log: 61_106 } as const
type Role = keyof typeof accounts
export const queueGroup = 61_100
/** What the victim holds: bytes that every tool would take for a queue file's, a log's and a message's. */
export const secret = 'victims-secret'
/** The number of the message, and its subdirectory. */
export const id = '4617'
export const part = Number(id) % 23

/** What somebody puts in the place of a file or directory. `directory link`: its directory is a link to one of root's that has such a file. */
export const kinds = ['symlink', 'hard link', 'fifo', 'directory', 'directory link'] as const
export type Kind = (typeof kinds)[number]

const ownerOf: Record<string, Role> = {
  ...{ info: 'send', local: 'send', remote: 'send', bounce: 'send', 'lock/sendmutex': 'send', 'lock/trigger': 'send' },
  'lock/tcpto': 'remote',
}

/** A home as `make install` makes it, below a directory that is removed in the end. */
export class PlantedHome {
  readonly root: string
  readonly directory: string
  readonly #template: string

  private constructor(cleaner: Cleaner) {
    this.root = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-planted-'))
    chmodSync(this.root, 0o755)
    this.directory = join(this.root, 'home')
    this.#template = join(this.root, 'template')
    cleaner.teardown(() => rmSync(this.root, { recursive: true, force: true }))
  }

  static async make(cleaner: Cleaner): Promise<PlantedHome> {
    const home = new PlantedHome(cleaner)
    await home.run(join(checkout, 'bin/config-fast'), [hostName])
    home.#giveAway()
    renameSync(home.directory, home.#template)
    return home
  }

  /** The home anew, with a message that is preprocessed (S5) or only accepted (S4). Returns the directory of the victims. */
  fresh(state: 'S4' | 'S5'): void {
    for (const path of [this.directory, this.victims]) rmSync(path, { recursive: true, force: true })
    execFileSync('cp', ['-a', this.#template, this.directory])
    const time = new Date(Date.now() - 7_200_000)
    const file = (path: string, text: string): void => {
      writeFileSync(this.at(path), text, 'latin1')
      this.#settle(path)
      utimesSync(this.at(path), time, time)
    }
    file(`mess/${part}/${id}`, 'Message-ID: <planted@test.example>\nSubject: x\n\nx\n')
    if (state === 'S4') {
      file(`todo/${id}`, 'u1\0p1\0Fsender@test.example\0Tjoe@test.example\0')
      return
    }
    file(`info/${part}/${id}`, 'Fsender@test.example\0')
    file(`local/${part}/${id}`, 'Tjoe@test.example\0')
    file(`remote/${part}/${id}`, 'Tann@remote.example\0')
    file(`bounce/${id}`, '<eve@remote.example>:\nno\n\n')
  }

  get victims(): string {
    return join(this.root, 'victims')
  }

  /** The path of something in queue/. */
  at(path: string): string {
    return join(this.directory, 'queue', path)
  }

  /** Put something else in the place of a file of queue/, as the account whose directory it is in could. */
  async plant(kind: Kind, path: string): Promise<void> {
    mkdirSync(this.victims, { mode: 0o700 })
    const name = path.split('/').at(-1) as string
    const victim = join(this.victims, name)
    const text = `F${secret}@test.example\0T${secret}@test.example\0Message-ID: <planted@test.example>\n<${secret}@test.example>:\n`
    writeFileSync(victim, text, { encoding: 'latin1', mode: 0o600 })
    utimesSync(victim, 1_000_000_000, 1_000_000_000)
    const place = kind === 'directory link' ? this.at(path.split('/').slice(0, -1).join('/')) : this.at(path)
    rmSync(place, { recursive: true, force: true })
    if (kind === 'directory link') symlinkSync(this.victims, place)
    else if (kind === 'symlink') symlinkSync(victim, place)
    else if (kind === 'hard link') linkSync(victim, place)
    else if (kind === 'directory') mkdirSync(place)
    else await execa('mkfifo', ['-m', '600', place])
    if (kind === 'fifo' || kind === 'directory') this.#settle(path)
  }

  /** Owner and mode of everything in queue/; a message is named by its directory alone, because qcheck gives it its number. */
  owners(): Record<string, string> {
    const names = readdirSync(this.at(''), { recursive: true, encoding: 'utf8' })
    return Object.fromEntries(
      ['', ...names].map((name) => {
        const { uid, gid, mode } = lstatSync(this.at(name))
        const isMessage = /^[a-z]+\/(\d+\/)?\d{3,}$/.test(name)
        return [isMessage ? `${name.split('/')[0] as string}/N` : name, `${uid}:${isMessage ? '' : gid} ${(mode & 0o777).toString(8)}`]
      }),
    )
  }

  /** As after a copy that has kept neither owners nor modes. */
  spoil(): void {
    for (const name of ['', ...readdirSync(this.at(''), { recursive: true, encoding: 'utf8' })]) {
      chownSync(this.at(name), 0, 0)
      chmodSync(this.at(name), 0o700)
    }
  }

  /** Everything about the victims that a tool could change. */
  state(): unknown {
    const all = readdirSync(this.victims).map((name) => join(this.victims, name))
    return [this.victims, ...all].map((path) => {
      const { mode, uid, gid, size, mtimeMs } = lstatSync(path)
      return { path, mode, uid, gid, ...(path === this.victims ? {} : { size, mtimeMs, text: readFileSync(path, 'latin1') }) }
    })
  }

  /** Run a program as root. One that hangs is killed, and has no exit code. */
  run(program: string, args: readonly string[]) {
    const env = { PATH: '/usr/bin:/bin', YABUMI_HOME: this.directory }
    const options = {
      cwd: '/',
      env,
      extendEnv: false,
      reject: false,
      input: '',
      all: true,
      timeout: 60_000,
      killSignal: 'SIGKILL',
    } as const
    return execa(program.startsWith('/') ? program : join(checkout, 'bin', program), args, options)
  }

  #giveAway(): void {
    const names = readdirSync(join(this.directory, 'queue'), { recursive: true, encoding: 'utf8' })
    for (const name of ['', ...names]) this.#settle(name)
    const accountsDirectory = join(this.directory, 'accounts')
    mkdirSync(accountsDirectory, { recursive: true, mode: 0o755 })
    for (const [role, uid] of Object.entries(accounts)) {
      writeFileSync(join(accountsDirectory, role), '')
      chownSync(join(accountsDirectory, role), uid, queueGroup)
    }
    const groups = Object.entries(accounts).map(
      ([role, uid]) => `${role}:${['queue', 'send', 'remote'].includes(role) ? queueGroup : uid}\n`,
    )
    writeFileSync(join(accountsDirectory, 'groups'), groups.join(''))
  }

  /** Owner and mode as the queue has them. */
  #settle(path: string): void {
    const role = ownerOf[path] ?? ownerOf[path.split('/')[0] as string] ?? 'queue'
    chownSync(this.at(path), accounts[role], queueGroup)
    const stats = lstatSync(this.at(path))
    if (stats.isFile() && !path.startsWith('lock/')) chmodSync(this.at(path), role === 'send' ? 0o600 : 0o644)
  }
}
