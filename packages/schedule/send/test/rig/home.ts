/**
 * A scratch home with a queue, and messages put into it as queue would.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeFifo } from '@yabumi/posix'
import { type MessageId, queuePath, type SplitDirectory } from '@yabumi/queuedir'

/** The programs of this checkout. */
export const bin: string = resolve(import.meta.dirname, '../../../../../bin')

export interface Mail {
  readonly sender: string
  readonly recipients: readonly string[]
  readonly text?: string
  /** What follows the number of the `p` record. */
  readonly facts?: string
}

export class Home {
  readonly path: string = mkdtempSync(join(tmpdir(), 'send-'))

  /** @param controls - content of files in control/, beside me = me.test and concurrencies of 1 */
  constructor(controls: Readonly<Record<string, string>> = {}) {
    for (const name of ['pid', 'intd', 'todo', 'bounce', 'lock']) this.#mkdir(`queue/${name}`)
    for (const name of ['mess', 'info', 'local', 'remote']) for (let n = 0; n < 23; n += 1) this.#mkdir(`queue/${name}/${n}`)
    for (const name of ['control', 'alias', 'users']) this.#mkdir(name)
    this.write('queue/lock/sendmutex', '')
    this.write('queue/lock/tcpto', '\0'.repeat(1024))
    makeFifo(join(this.path, 'queue/lock/trigger'), 0o622)
    symlinkSync(bin, join(this.path, 'bin'))
    const all = { me: 'me.test\n', concurrencylocal: '1\n', concurrencyremote: '1\n', ...controls }
    for (const [name, text] of Object.entries(all)) this.write(`control/${name}`, text)
  }

  #mkdir(name: string): void {
    mkdirSync(join(this.path, name), { recursive: true })
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), Buffer.from(text, 'latin1'))
  }

  /** undefined if there is no such file. */
  read(name: string): string | undefined {
    const path = join(this.path, name)
    return existsSync(path) ? readFileSync(path).toString('latin1') : undefined
  }

  /** mtime in whole seconds. */
  mtime(directory: SplitDirectory, id: MessageId): number {
    return Math.floor(statSync(this.at(directory, id)).mtimeMs / 1000)
  }

  /** The text of a message's file, or undefined. */
  file(directory: SplitDirectory | 'todo' | 'intd' | 'bounce', id: MessageId): string | undefined {
    return this.read(`queue/${queuePath(directory, id)}`)
  }

  at(directory: SplitDirectory | 'todo' | 'bounce', id: MessageId): string {
    return join(this.path, 'queue', queuePath(directory, id))
  }

  /** A message file, S2. */
  mess(text = 'Subject: test\n\nhello\n'): MessageId {
    const made = join(this.path, 'queue/pid', randomBytes(6).toString('hex'))
    const fd = openSync(made, 'wx', 0o644)
    writeSync(fd, Buffer.from(text, 'latin1'))
    const id = String(fstatSync(fd).ino)
    closeSync(fd)
    renameSync(made, this.at('mess', id))
    return id
  }

  /** A message in todo/, S4, without a pull of the trigger. */
  todo({ sender, recipients, text, facts }: Mail): MessageId {
    const id = this.mess(text)
    const records = recipients.map((recipient) => `T${recipient}\0`).join('')
    this.write(`queue/intd/${id}`, `u1000\0p4711${facts === undefined ? '' : ` ${facts}`}\0F${sender}\0${records}`)
    renameSync(join(this.path, 'queue/intd', id), this.at('todo', id))
    return id
  }

  /** A message that is preprocessed, S5: channel files as given, born and due at these times (seconds since 1970). */
  stock(sender: string, channels: { local?: string; remote?: string }, birth: number, due = birth): MessageId {
    const id = this.mess()
    const files = [
      ['info', `F${sender}\0`, birth] as const,
      ['local', channels.local, due] as const,
      ['remote', channels.remote, due] as const,
    ]
    for (const [directory, text, time] of files) {
      if (text === undefined) continue
      writeFileSync(this.at(directory, id), Buffer.from(text, 'latin1'), { mode: 0o600 })
      utimesSync(this.at(directory, id), time, time)
    }
    return id
  }

  /** A message in todo/, as queue leaves it. */
  submit(mail: Mail): MessageId {
    const id = this.todo(mail)
    this.pull()
    return id
  }

  /** Pull the trigger; nobody may be listening. */
  pull(): void {
    try {
      const fd = openSync(join(this.path, 'queue/lock/trigger'), constants.O_WRONLY | constants.O_NONBLOCK)
      writeSync(fd, '\0')
      closeSync(fd)
    } catch {
      // no reader
    }
  }

  /** Every file of the queue that belongs to a message, sorted: `info/3/26`. */
  files(): string[] {
    const found: string[] = []
    for (const directory of ['mess', 'info', 'local', 'remote', 'todo', 'intd', 'bounce', 'pid']) {
      const names = readdirSync(join(this.path, 'queue', directory), { recursive: true }) as string[]
      found.push(...names.filter((name) => /[0-9]{3,}$/.test(name)).map((name) => `${directory}/${name}`))
    }
    return found.sort()
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
