/** Scratch homes, listeners in them, and what is on their disk: for the tests of everything that queues mail. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Test } from 'tap'

export const bin: string = resolve(import.meta.dirname, '../../../../../bin')
export const isRoot: boolean = process.getuid?.() === 0
export const myUid: number = process.getuid?.() ?? 0

/** The environment of a program in a home: nothing else. */
export function environmentOf(home: string, more: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home, ...more }
}

/** A directory that everybody may enter, gone after the test. */
export function scratchDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-'))
  chmodSync(directory, 0o755)
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A home as config-fast makes it. */
export function scratchHome(t: Test): string {
  const home = join(scratchDirectory(t), 'home')
  execFileSync(join(bin, 'config-fast'), ['test.example'], { env: environmentOf(home), stdio: 'ignore' })
  return home
}

export interface ListenerOptions {
  readonly args?: readonly string[]
  readonly uid?: number
  /** Put in front of the program: strace and its options. */
  readonly before?: readonly string[]
}

/** Start `queue --listen`; killed after the test. */
export function startListener(t: Test, home: string, options: ListenerOptions = {}): ChildProcess {
  const [file, ...args] = [...(options.before ?? []), join(bin, 'queue'), '--listen', '--ready-fd', '3', ...(options.args ?? [])]
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const
  const child = spawn(file as string, args, { env: environmentOf(home), stdio: [...stdio], ...identity })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

/** Start `queue --listen` and wait until it accepts. */
export async function readyListener(t: Test, home: string, options: ListenerOptions = {}): Promise<ChildProcess> {
  const child = startListener(t, home, options)
  await ready(child)
  return child
}

/** Resolves once a program has written to its --ready-fd 3. */
export async function ready(child: ChildProcess): Promise<void> {
  await once(child.stdio[3] as Readable, 'data')
}

/** What a program writes to descriptor 2, up to its end. */
export async function complaintsOf(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const bytes of child.stderr as Readable) text += String(bytes)
  return text
}

/** Resolves with the exit code, or the name of the signal. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? child.signalCode ?? 'no end'
}

/** Paths of all files under a directory of queue/, relative to queue/. */
export function queueFiles(home: string, directory: string): string[] {
  const queue = join(home, 'queue')
  return readdirSync(join(queue, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(queue.length + 1))
    .sort()
}

/** What there is of messages, in every directory that queue writes. */
export function messageFiles(home: string): string[] {
  return ['pid', 'mess', 'intd', 'todo'].flatMap((directory) => queueFiles(home, directory))
}

/** A file of queue/ as a byte string. */
export function queueText(home: string, path: string): string {
  return readFileSync(join(home, 'queue', path)).toString('latin1')
}

export function inodeOf(home: string, path: string): string {
  return String(statSync(join(home, 'queue', path), { bigint: true }).ino)
}

/** Resolves when the condition holds; the test's own time limit is the only one. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}
