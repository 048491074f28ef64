/**
 * A program that keeps what it was given as its message, for good: `holder.ts WAY DIRECTORY [REPORT]`.
 *
 * It leaves a process behind that holds the message in that way and no other, and ends with 0 when that is so, after writing REPORT. The process's number
 * is in DIRECTORY/WAY.pid; told USR2, it writes what it finds in its hold by then to DIRECTORY/WAY.held.
 */
import { spawn } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { makePipe, receiveDescriptor, sendDescriptor, socketPair } from '@yabumi/posix'
import { errnoOf } from '@yabumi/trouble'

interface Koffi {
  load(path: null): { func(prototype: string): (...args: unknown[]) => unknown }
}

const O_PATH = 0x200000
const readOnlyShared = [1, 1] // PROT_READ, MAP_SHARED
const [way = '', directory = '', report = '', worker = ''] = process.argv.slice(2)
const file = (name: string): string => join(directory, `${way}.${name}`)

/** The C library's functions that no program of ours needs. */
function library(prototype: string): (...args: unknown[]) => unknown {
  return (createRequire(join(import.meta.dirname, '../../../packages/system/posix/src/libc.ts'))('koffi') as Koffi)
    .load(null)
    .func(prototype)
}

function contentOf(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size)
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0))
}

/** The message has been moved to a pipe by a call of the kernel's: its pages, not its bytes. */
function pipeOf(move: (pipe: number, count: number) => unknown): () => string {
  const { read, write } = makePipe(true)
  const count = Math.min(fstatSync(0).size, 60_000)
  if (move(write, count) !== count) throw new Error('not all of it was moved')
  return () => {
    const bytes = Buffer.alloc(count)
    return bytes.toString('latin1', 0, readSync(read, bytes))
  }
}

/** Whether the system shows the descriptors of a process: not of one that has become another account since it started. */
function maySeeInto(pid: string): boolean {
  try {
    readdirSync(`/proc/${pid}/fd`)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EACCES') return false
    throw error
  }
}

/** A descriptor that only names the message, by one of the descriptors that a process has open. */
function nameOf(pid: string): () => string {
  const { dev, ino } = fstatSync(0)
  const directory = `/proc/${pid}/fd`
  const found = readdirSync(directory).find((fd) => {
    const status = statSync(join(directory, fd), { throwIfNoEntry: false })
    return status?.ino === ino && status.dev === dev
  })
  if (found === undefined) throw new Error(`process ${pid} does not have it open`)
  const fd = openSync(join(directory, found), O_PATH)
  return () => readFileSync(`/proc/self/fd/${fd}`, 'latin1')
}

/** Each takes hold of descriptor 0, and gives what finds out what it holds. */
const ways: Record<string, () => () => string> = {
  path: () => nameOf('self'),
  worker: () => (maySeeInto(worker) ? nameOf(worker) : () => 'refused'),
  splice: () => {
    const splice = library('int64_t splice(int, _Inout_ int64_t *, int, void *, size_t, unsigned int)')
    return pipeOf((pipe, count) => splice(0, BigInt64Array.of(0n), pipe, null, count, 0))
  },
  sendfile: () => {
    const sendfile = library('int64_t sendfile(int, int, _Inout_ int64_t *, size_t)')
    return pipeOf((pipe, count) => sendfile(pipe, 0, BigInt64Array.of(0n), count))
  },
  mmap: () => {
    const { size } = fstatSync(0)
    const map = library('void *mmap(void *, size_t, int, int, int, int64_t)')(null, size, ...readOnlyShared, 0, 0)
    return () => {
      const bytes = Buffer.alloc(size)
      library('void *memcpy(_Out_ void *, void *, size_t)')(bytes, map, size)
      return bytes.toString('latin1')
    }
  },
  rights: () => {
    const [here, there] = socketPair()
    sendDescriptor(here, 0)
    return () => contentOf(receiveDescriptor(there))
  },
  fork: () => {
    const fd = openSync('/proc/self/fd/0', constants.O_RDONLY)
    return () => contentOf(fd)
  },
}

function hold(): void {
  const held = ways[way]?.()
  if (held === undefined) throw new Error(`${way}: no such way`)
  closeSync(0)
  process.on('SIGUSR2', () => {
    writeFileSync(file('new'), held(), 'latin1')
    renameSync(file('new'), file('held'))
  })
  setInterval(() => undefined, 60_000)
  writeFileSync(file('pid'), String(process.pid))
}

async function leaveBehind(): Promise<void> {
  const args = [...process.execArgv, import.meta.filename, way, directory, report, String(process.ppid)]
  const child = spawn(process.execPath, args, { stdio: [0, 'ignore', 'ignore'], detached: true })
  while (!existsSync(file('pid'))) {
    if (child.exitCode !== null) process.exit(111)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  writeSync(1, report.replaceAll('+', '\0'))
  process.exit(0)
}

if (worker !== '') hold()
else await leaveBehind()
