/** Run a program of the machine beside a scratch home, and look at what it sent once it has arrived. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { ScratchHome } from '../../support/home.ts'
import { find } from '../../support/programs.ts'
import type { Running } from '../../support/running.ts'
import { until } from '../../support/wait.ts'

/** A directory of its own for a program's files, which is its HOME; removed with the scratch home. */
export function workplace(home: ScratchHome, name: string): string {
  const directory = join(home.root, name)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return directory
}

export interface PeerOptions {
  readonly input?: string
  readonly env?: Record<string, string>
  /** Its input stays open to its end, as script(1) wants it that gives a program a terminal. */
  readonly terminal?: true
}

/**
 * Run a program to its end in its workplace, with a clean environment.
 *
 * @throws if its exit code is not 0; the error shows what it printed
 * @returns what it printed, as a byte string
 */
export async function runPeer(directory: string, program: string, args: readonly string[], options: PeerOptions = {}): Promise<string> {
  const { all, exitCode } = await execa(find(program) ?? program, args, {
    all: true,
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', HOME: directory, LC_ALL: 'C', ...options.env },
    extendEnv: false,
    ...(options.terminal === true ? { stdin: 'pipe' } : { input: Buffer.from(options.input ?? '', 'latin1') }),
    encoding: 'latin1',
    stripFinalNewline: false,
    reject: false,
  })
  if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode ?? 'a signal'}:\n${all}`)
  return all
}

/** Wait for the one message in a user's Maildir that has this line (with its line end) in its header. */
export function arrived(home: ScratchHome, user: string, line: string): Promise<string> {
  const has = (text: string): boolean => text.slice(0, text.indexOf('\n\n') + 1).includes(`\n${line}`)
  return until(`"${line}" for ${user}`, () => home.maildir(user).find(has))
}

/** Like until, and has send try everything that is deferred again meanwhile. */
export function untilRetried<T>(running: Running, what: string, condition: () => T | false | undefined): Promise<T> {
  return until(what, () => {
    running.signal('SIGALRM')
    return condition()
  })
}

const date = '\\d+ \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d -0000'

/** What delivery puts above every message. */
export function deliveryFields(sender: string, recipient: string): string {
  return `^Return-Path: <${sender}>\nDelivered-To: ${recipient}\n`
}

/** What a message that came by SMTP has on top, as a pattern; the message itself is behind it. */
export function overSmtp(sender: string, recipient: string, helo: string, ip = '127\\.0\\.0\\.1'): RegExp {
  const queue = `Received: \\(qmail \\d+ invoked from network\\); ${date}\n`
  const network = `Received: from \\S+ \\(HELO ${helo}\\) \\(${ip}\\)\n {2}by \\S+ with SMTP; ${date}\n`
  return new RegExp(`${deliveryFields(sender, recipient)}${queue}${network}`)
}
