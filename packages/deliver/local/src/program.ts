/** Run a user's command on the message (spec §2.7.5, program). */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { startProgram } from '@yabumi/child'
import { programTermSeconds } from '@yabumi/limits'
import { makePipe, rewind } from '@yabumi/posix'
import { deliveryExit, permanentExits } from '@yabumi/trouble'
import { cannotRead, cannotRewind, cannotRun, childCrashed, ProgramFailure, programTookTooLong, systemStops } from './failure.ts'
import { startGuard, unwatchGroup, watchGroup } from './guard.ts'
import { programTimeout } from './programtimeout.ts'

const shell = '/bin/sh'
/** Becomes the shell that runs the command when descriptor 3 has a line, and goes if that ends without one. */
const gate = 'read -r YABUMI_GATE <&3 && exec 3<&- "$0" -c "$1"'
/** Called when programs must end. */
const underWay = new Set<() => void>()
let isLeaving = false

/** What goes in front of a message, and the message. */
interface Feed {
  readonly head: Buffer
  readonly message: Buffer | AsyncIterable<Buffer>
}

/** The descriptor of a file, or what a program is fed. */
export type ProgramInput = number | Feed

/** End all programs, and start no more: what is not done is tried again. */
export function endPrograms(): void {
  isLeaving = true
  for (const leave of underWay) leave()
}

/**
 * Run a command as the home's user, in the home, which is the working directory.
 *
 * @param input - the message, which the command gets from its start as descriptor 0: a file, or what is fed to it through a pipe
 * @param output - the descriptors that are its descriptors 1 and 2
 * @returns whether to go on with the next instruction
 * @throws Failure if it could not be run, did not do well, took longer than control/programtimeout, or was ended with the system
 */
export async function runProgram(
  command: string,
  environment: ReadonlyMap<string, string>,
  input: ProgramInput,
  output: readonly [stdout: number, stderr: number],
): Promise<boolean> {
  if (isLeaving) throw systemStops(command)
  startGuard()
  const seconds = programTimeout()
  const program = { file: shell, args: ['-c', gate, shell, command], env: environment }
  const start = (fd: number) => startProgram(program, { stdio: [fd, ...output, 'pipe'], detached: true })
  const { child, fed } = typeof input === 'number' ? { child: start(rewound(input)), fed: undefined } : startFed(start, input)
  const end = new Promise<number | undefined>((resolve, reject) => {
    child.on('error', (cause) => reject(cannotRun(shell, cause)))
    child.on('exit', (exit) => resolve(exit ?? undefined))
  })
  const reason = await endInTime(child, end, seconds)
  const code = await end
  const trouble = await fed
  if (trouble !== undefined) throw cannotRead(trouble)
  if (reason === 'overdue') throw programTookTooLong(command, seconds)
  if (code === deliveryExit.done) return true
  if (code === deliveryExit.stop) return false
  if (reason === 'leaving') throw systemStops(command)
  if (code === undefined) throw childCrashed()
  throw new ProgramFailure(permanentExits.has(code) ? deliveryExit.failure : deliveryExit.deferral, '')
}

function rewound(fd: number): number {
  try {
    rewind(fd)
  } catch (cause) {
    throw cannotRewind(cause)
  }
  return fd
}

/** @returns the program, and the error that kept the message from being read: then it has been killed */
function startFed(start: (fd: number) => ChildProcess, input: Feed): { child: ChildProcess; fed: Promise<unknown> } {
  const pipe = makePipe(true)
  const socket = new Socket({ fd: pipe.write, readable: false, writable: true })
  socket.on('error', () => undefined) // it need not read to the end
  let child: ChildProcess
  try {
    child = start(pipe.read)
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    closeSync(pipe.read)
  }
  const fed = feed(socket, input).then(
    () => undefined,
    (cause: unknown) => {
      child.kill('SIGKILL')
      return cause
    },
  )
  return { child, fed }
}

/** @throws what reading the message throws */
async function feed(socket: Socket, { head, message }: Feed): Promise<void> {
  const write = (bytes: Buffer) => new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
  try {
    await write(head)
    for await (const piece of Buffer.isBuffer(message) ? [message] : message) {
      if (socket.destroyed) return
      await write(piece)
    }
  } finally {
    socket.end()
  }
}

/**
 * Wait for the end of a program that leads a process group; when its time is over, or all must end, tell the group to end, and then make it.
 *
 * @returns why it was told; undefined if it was not
 */
async function endInTime(child: ChildProcess, end: Promise<unknown>, seconds: number): Promise<'overdue' | 'leaving' | undefined> {
  const { pid } = child
  if (pid === undefined) return undefined // it did not start, which `end` says
  watchGroup(pid, () => openGate(child))
  try {
    const reason = await reasonToEnd(end, seconds)
    if (reason === undefined) return undefined
    signalGroup(pid, 'SIGTERM')
    const deadline = performance.now() + programTermSeconds * 1000
    while (signalGroup(pid, 0) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, groupPollMilliseconds))
    signalGroup(pid, 'SIGKILL')
    return reason
  } finally {
    unwatchGroup(pid)
  }
}

function openGate({ stdio: [, , , third] }: ChildProcess): void {
  const writable = third as Writable
  writable.on('error', () => undefined) // it has been killed
  writable.end('\n')
}

const groupPollMilliseconds = 50
const longestTimerSeconds = 2_000_000 // setTimeout knows no longer ones

/** @param seconds - 0: any time. @returns undefined when it has ended by itself */
function reasonToEnd(end: Promise<unknown>, seconds: number): Promise<'overdue' | 'leaving' | undefined> {
  return new Promise((resolve) => {
    const timer = seconds === 0 ? undefined : setTimeout(() => settle('overdue'), Math.min(seconds, longestTimerSeconds) * 1000)
    function settle(reason: 'overdue' | 'leaving' | undefined): void {
      clearTimeout(timer)
      underWay.delete(leave)
      resolve(reason)
    }
    function leave(): void {
      settle('leaving')
    }
    underWay.add(leave)
    const ended = (): void => settle(undefined)
    end.then(ended, ended)
  })
}

/** @returns whether anything is left of it */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch {
    return false
  }
}
