/**
 * What must be there before send starts, in qmail's order, and what it says if it is not (spec §2.5.2).
 */
import { accessSync, constants, openSync, readSync } from 'node:fs'
import { whenReady } from '@yabumi/files'
import { enterHome } from '@yabumi/home'
import { tryLock } from '@yabumi/posix'
import type { ChannelName } from '@yabumi/retrytimes'
import { type Routing, readLocals, readVirtualDomains } from '@yabumi/routing'
import { factsToo, type Greeting, keepSpares, wideNumbers } from '@yabumi/spawnprotocol'
import { errnoOf, errorText } from '@yabumi/trouble'
import { type Controls, readControls } from './controls.ts'
import type { PerChannel, Slots } from './keep/channel.ts'
import type { Log } from './log.ts'

/** send cannot start; the message is what the log says, as qmail-send says it. */
export class CannotStart extends Error {}

/** What is known when everything is ready to start. */
export interface Start {
  readonly log: Log
  readonly controls: Controls
  readonly routing: Routing
  readonly slots: PerChannel<Slots>
  /** Whether clean may be asked to keep files of finished messages. */
  readonly keepsSpares: boolean
}

/** Numbers of the descriptors on which lspawn and rspawn report. */
const greetings: PerChannel<number> = { local: 2, remote: 4 }

/**
 * Enter the home, read control/, lock the queue for this process's whole life, and hear the spawn programs' greetings.
 *
 * @throws CannotStart
 */
export function startUp(log: Log): Start {
  step(log, 'unable to switch to home directory', () => enterHome())
  const { controls, routing } = step(log, 'unable to read controls', readAll)
  step(log, 'unable to switch to queue directory', () => accessSync('queue/.', constants.X_OK))
  process.umask(0o077)
  const mutex = step(log, 'unable to open mutex', () => openSync('queue/lock/sendmutex', constants.O_WRONLY | constants.O_NONBLOCK))
  if (!step(log, 'unable to open mutex', () => tryLock(mutex))) throw new CannotStart('qmail-send is already running')
  const slotsFor = (channel: ChannelName): Slots => slotsOf(greeting(log, greetings[channel]), controls, channel)
  const slots = { local: slotsFor('local'), remote: slotsFor('remote') }
  const keepsSpares = process.argv.includes(keepSpares)
  return { log, controls, routing, slots, keepsSpares }
}

function readAll(): { controls: Controls; routing: Routing } {
  return { controls: readControls(), routing: { locals: readLocals(), virtualDomains: readVirtualDomains() } }
}

/** The line that qmail writes does not say why; ours follows a line that does. */
function step<T>(log: Log, problem: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    log.warning(reason(error))
    throw new CannotStart(problem)
  }
}

function reason(error: unknown): string {
  const path = (error as NodeJS.ErrnoException).path
  const known = errnoOf(error) !== undefined && path !== undefined
  if (known) return `${path}: ${errorText(error)}; config-fast makes what is missing`
  return error instanceof Error ? error.message : String(error)
}

/** As many as control/ says, the slow ones beside them, as far as the spawn program takes so many. */
function slotsOf({ limit: most, width }: Greeting, { concurrency, slow }: Controls, channel: ChannelName): Slots {
  const limit = Math.min(most, concurrency[channel])
  return { limit, slow: Math.min(most - limit, slow[channel]), width, tellsFacts: channel === 'remote' && process.argv.includes(factsToo) }
}

/**
 * What a spawn program says at its start: how many deliveries it takes at once. One byte; a zero where wide numbers were
 * asked for is the low byte of two.
 */
function greeting(log: Log, fd: number): Greeting {
  const limit = readByte(log, fd)
  if (limit > 0 || !process.argv.includes(wideNumbers)) return { limit, width: 1 }
  return { limit: readByte(log, fd) << 8, width: 2 }
}

function readByte(log: Log, fd: number): number {
  const byte = Buffer.alloc(1)
  try {
    if (whenReady(() => readSync(fd, byte, 0, 1, null)) === 1) return byte[0] as number
  } catch (error) {
    log.warning(`descriptor ${fd}: ${errorText(error)}; start wires send to lspawn, rspawn and clean`)
  }
  throw new CannotStart('hath the daemon spawn no fire?')
}
