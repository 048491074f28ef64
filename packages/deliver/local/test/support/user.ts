// A user's home in a scratch directory, a queue program that keeps what it is given, and bin/local for both.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'

const local = join(import.meta.dirname, '../../../../../bin/local')

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Address {
  readonly local?: string
  readonly dash?: string
  readonly extension?: string
  readonly sender?: string
  readonly defaultDelivery?: string
  readonly options?: readonly string[]
}

export class TestUser {
  readonly directory: string
  readonly home: string
  readonly #environment: Record<string, string>

  /** @param files - content by path below the home; a path that ends in a slash is a directory */
  constructor(files: Record<string, string> = {}) {
    this.directory = mkdtempSync(join(tmpdir(), 'yabumi-local-'))
    t.teardown(() => rmSync(this.directory, { recursive: true }))
    this.home = join(this.directory, 'joe')
    mkdirSync(this.home)
    for (const [path, content] of Object.entries(files)) this.write(path, content)
    const queue = join(this.directory, 'queue')
    writeFileSync(queue, `#!/bin/sh\ncat >'${this.directory}/message'\ncat <&1 >'${this.directory}/envelope'\n`)
    chmodSync(queue, 0o755)
    this.#environment = { PATH: process.env['PATH'] ?? '', QMAILQUEUE: queue, YABUMI_HOME: this.directory }
  }

  write(path: string, content: string, mode = 0o644): void {
    const whole = join(this.home, path)
    if (path.endsWith('/')) {
      mkdirSync(whole, { recursive: true })
      return
    }
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, content, 'latin1')
    chmodSync(whole, mode)
  }

  read(path: string): string | undefined {
    const whole = join(this.home, path)
    return existsSync(whole) ? readFileSync(whole, 'latin1') : undefined
  }

  /** The messages in a Maildir's new/. */
  inMaildir(path: string): string[] {
    return readdirSync(join(this.home, path, 'new')).map((name) => this.read(join(path, 'new', name)) as string)
  }

  /** What the queue program was given. */
  get queued(): { message: string; envelope: string } | undefined {
    const message = join(this.directory, 'message')
    if (!existsSync(message)) return undefined
    return { message: readFileSync(message, 'latin1'), envelope: readFileSync(join(this.directory, 'envelope'), 'latin1') }
  }

  /** Run bin/local on a message. */
  deliver(message: string | Buffer, address: Address = {}): Outcome {
    const { local: name = 'joe', dash = '', extension = '', sender = 's@x.example', defaultDelivery = './Mailbox', options = [] } = address
    const path = join(this.directory, 'in')
    writeFileSync(path, message, 'latin1')
    const fd = openSync(path, 'r')
    try {
      const args = [...options, '--', 'joe', this.home, name, dash, extension, 'h.example', sender, defaultDelivery]
      return spawnSync(local, args, { stdio: [fd, 'pipe', 'pipe'], env: this.#environment, encoding: 'latin1' })
    } finally {
      closeSync(fd)
    }
  }
}

/** A Maildir's directories, for TestUser's files. */
export function maildirFiles(path: string): Record<string, string> {
  return { [`${path}/tmp/`]: '', [`${path}/new/`]: '', [`${path}/cur/`]: '' }
}
