// A home with a queue of messages, users, and a running lspawn to which the test speaks as send does.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import { encodeCommand, ReportDecoder } from '@yabumi/spawnprotocol'
import t from 'tap'

export const isRoot = process.getuid?.() === 0
/** Who receives mail in the tests: this account, or one that root can become. */
export const uid = isRoot ? 65534 : (process.getuid?.() ?? 0)
export const gid = isRoot ? 65534 : (process.getgid?.() ?? 0)

const programs = join(import.meta.dirname, '../../../../../bin')

export class TestHome {
  readonly path: string
  readonly #users = new Map<string, { uid: number; gid: number; home: string }>()
  #lspawn: ChildProcess | undefined
  readonly #waiting = new Map<number, (report: string) => void>()
  greeting: number | undefined
  /** What lspawn has written on descriptor 2. */
  log = ''

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'yabumi-lspawn-'))
    t.teardown(() => rmSync(this.path, { recursive: true }))
    chmodSync(this.path, 0o755)
    for (const name of ['queue/mess/1', 'users', 'alias', 'homes']) mkdirSync(join(this.path, name), { recursive: true })
    symlinkSync(programs, join(this.path, 'bin'))
    this.message('1/1', 'From: s@x.example\n\nhello\n')
  }

  message(path: string, content: string): void {
    writeFileSync(join(this.path, 'queue/mess', path), content)
  }

  /** Put a program in place of bin/local. */
  replaceLocal(script: string): void {
    rmSync(join(this.path, 'bin'))
    mkdirSync(join(this.path, 'bin'))
    writeFileSync(join(this.path, 'bin/local'), script, { mode: 0o755 })
  }

  /** A program to run by its path relative to the home. */
  program(name: string, script: string): void {
    writeFileSync(join(this.path, name), script, { mode: 0o755 })
  }

  /** Add a user with a home of that name. @param files - content by path in the home; a slash at the end is a directory */
  user(name: string, files: Record<string, string> = {}, owner: { uid: number; gid: number } = { uid, gid }): void {
    const home = join(this.path, 'homes', name)
    mkdirSync(home)
    const paths = Object.keys(files).map((path) => join(home, path))
    for (const [path, content] of Object.entries(files)) {
      const whole = join(home, path)
      mkdirSync(path.endsWith('/') ? whole : dirname(whole), { recursive: true })
      if (!path.endsWith('/')) writeFileSync(whole, content)
    }
    if (isRoot) for (const path of [home, ...paths]) chownSync(path, owner.uid, owner.gid)
    this.#users.set(name, { ...owner, home })
    this.assign()
  }

  /** Write users/cdb: each user under its name, and with an extension. */
  assign(): void {
    const records = [...this.#users].flatMap(([name, user]): [string, string][] => [
      [`!${name}\0`, `${name}\0${user.uid}\0${user.gid}\0${user.home}\0\0`],
      [`!${name}-`, `${name}\0${user.uid}\0${user.gid}\0${user.home}\0-\0`],
    ])
    writeFileSync(
      join(this.path, 'users/cdb'),
      makeCdb([...records, ['', '-']].map(([key, data]) => [Buffer.from(key as string), Buffer.from(data as string)])),
    )
  }

  read(name: string, path: string): string | undefined {
    const whole = join(this.path, 'homes', name, path)
    return existsSync(whole) ? readFileSync(whole, 'latin1') : undefined
  }

  list(name: string, path: string): string[] {
    return readdirSync(join(this.path, 'homes', name, path))
  }

  /** Start lspawn and wait for its greeting. */
  async start(environment: Record<string, string> = {}, as?: { uid: number; gid: number }, width: 1 | 2 = 1): Promise<ChildProcess> {
    const env = { PATH: process.env['PATH'] ?? '', YABUMI_HOME: this.path, ...environment }
    const lspawn = spawn(join(programs, 'lspawn'), ['./Mailbox', ...(width === 2 ? ['--wide-numbers'] : [])], {
      cwd: this.path,
      env,
      stdio: 'pipe',
      ...as,
    })
    this.#lspawn = lspawn
    t.teardown(() => lspawn.kill('SIGKILL'))
    lspawn.stderr.on('data', (bytes: Buffer) => {
      this.log += bytes.toString('latin1')
    })
    const decoder = new ReportDecoder(width)
    lspawn.stdout.on('data', (bytes: Buffer) => {
      let reports = bytes
      if (this.greeting === undefined) {
        this.greeting = bytes[width - 1]
        reports = bytes.subarray(width)
        lspawn.emit('greeted')
      }
      for (const { delivery, status, text } of decoder.push(reports)) {
        const waiting = this.#waiting.get(delivery)
        this.#waiting.delete(delivery)
        waiting?.(status + text)
      }
    })
    await once(lspawn, 'greeted')
    return lspawn
  }

  /** Have a message delivered. @returns the report, its letter in front */
  async deliver(recipient: string, message = '1/1'): Promise<string> {
    const delivery = [...Array(120).keys()].find((number) => !this.#waiting.has(number)) as number
    return new Promise((resolve) => {
      this.#waiting.set(delivery, resolve)
      this.#lspawn?.stdin?.write(encodeCommand({ delivery, message, sender: 's@x.example', recipient }))
    })
  }

  /** So many deliveries in one write; lspawn is to be started with wide numbers. */
  async deliverTogether(recipient: string, count: number, message: string): Promise<string[]> {
    const numbers = Array.from({ length: count }, (_, number) => number)
    const commands = numbers.map((delivery) => encodeCommand({ delivery, message, sender: 's@x.example', recipient }, 2))
    const reports = numbers.map((delivery) => new Promise<string>((resolve) => this.#waiting.set(delivery, resolve)))
    this.#lspawn?.stdin?.write(Buffer.concat(commands))
    return await Promise.all(reports)
  }

  /** End lspawn's input. @returns its exit code */
  async end(): Promise<number | null> {
    const lspawn = this.#lspawn as ChildProcess
    lspawn.stdin?.end()
    const [code] = (await once(lspawn, 'exit')) as [number | null]
    return code
  }
}
