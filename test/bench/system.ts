/** A mail system under measurement, whichever it is. */
import { chownSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Account } from './accounts.ts'

export const hostName = 'bench.example'

export interface System {
  readonly name: 'yabumi' | 'before' | 'postfix' | 'qmail'
  /** Domain of the accounts' addresses. */
  readonly host: string
  readonly smtpPort: number
  /** The process that everything else of it is below. */
  readonly pid: number
  /** Name of the Maildir below an account's home directory; each system has its own. */
  readonly maildir: string
  /** Directories that a message under way has a file in or below. */
  readonly queue: readonly string[]
  /** A command that reads a message with its header, as sendmail -t does. */
  readonly inject: readonly string[]
  stop(): Promise<void>
}

/** Where the new messages of an account are. */
export function newIn(system: System, account: Account): string {
  return join(account.home, system.maildir, 'new')
}

/** Give the accounts Maildirs without messages. What they had is put aside, because unlinking it would slow down what comes next. */
export function emptyMaildirs(system: System, accounts: readonly Account[]): void {
  for (const account of accounts) {
    const directory = newIn(system, account)
    if (list(directory).length === 0) continue
    renameSync(directory, `${directory}.${asideCount}`)
    asideCount += 1
    mkdirSync(directory, { mode: 0o700 })
    chownSync(directory, account.uid, account.gid)
  }
}

let asideCount = 0

/** How many messages the accounts have. */
export function delivered(system: System, accounts: readonly Account[]): number {
  return accounts.reduce((sum, account) => sum + list(newIn(system, account)).length, 0)
}

/** When the last message came into the Maildirs, in ms since 1970. */
export function lastDelivery(system: System, accounts: readonly Account[]): number {
  return Math.max(...accounts.map((account) => mtime(newIn(system, account))))
}

/** How many files the queue has. */
export function queued(system: System): number {
  return system.queue.reduce((sum, directory) => sum + filesBelow(directory), 0)
}

/** When the last file left the queue, in ms since 1970. */
export function lastLeft(system: System): number {
  const newest = (directory: string): number =>
    Math.max(
      mtime(directory),
      ...readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? newest(join(directory, entry.name)) : [],
      ),
    )
  return Math.max(...system.queue.map(newest))
}

export function makeDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 })
  return path
}

/**
 * Have the directories that will be made in this one lie apart on the disk, as top-level directories do. ext4 passes over inodes that were freed
 * in the last minutes, one by one: what one system has freed would slow down the other.
 */
export async function keepApart(directory: string): Promise<void> {
  await execa('chattr', ['+T', directory], { reject: false }) // other file systems have no such attribute, and no need of it
}

function filesBelow(directory: string): number {
  return readdirSync(directory, { withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isDirectory() ? filesBelow(join(directory, entry.name)) : 1),
    0,
  )
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // not made before the first delivery
  }
}

function mtime(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch {
    return 0
  }
}
