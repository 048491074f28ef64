/**
 * Where the log is: the files or directories that are named. Where none is, it is where send's descriptor 0 leads, and
 * descriptor 2 of smtpd, as far as we may see.
 *
 * A directory is one of multilog, s6-log or svlogd: `current`, and older files named by their time. It may be another
 * account's. So nothing but a regular file with one name is read there, and no link is followed but one that was named.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { accountToBecome } from '@yabumi/home'
import { labelOf, multilogSeconds, s6LogSeconds } from '@yabumi/logline'
import { holderOf } from '@yabumi/posix'

const chunkBytes = 1_048_576
const mostBytes = 67_108_864 // of a log, from its end
const endBytes = 65_536 // where a label is looked for

/** Whose log: that of send, and that of the door, which smtpd writes. */
export type Writer = 'send' | 'smtpd'

/** The files of a log, the oldest first. @throws the system's error for one that is named and cannot be looked at */
export function logFiles(named: readonly string[], writer: Writer): string[] {
  const found = (): string[] => (writer === 'send' ? findLog() : findDoorLog())
  const places = named.length > 0 ? named.map((place) => realpathSync(place)) : found()
  return places.flatMap((place) => (lstatSync(place).isDirectory() ? filesIn(place) : [place]))
}

function filesIn(directory: string): string[] {
  const older = readdirSync(directory).filter((name) => /^@[0-9a-f]{24}\.[su]$/.test(name))
  return [...older.sort(), 'current']
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
}

/** The process number of the send that runs; undefined if none does that we can see. The working directory is the home. */
export function sendProcess(): number | undefined {
  return holderOf('queue/lock/sendmutex')
}

/** The log of the send that runs; none if it cannot be found. The working directory is the home. */
function findLog(): string[] {
  const pid = sendProcess()
  const target = pid === undefined ? undefined : linkOf(`/proc/${pid}/fd/0`)
  if (target === undefined) return []
  if (isFile(target)) return [target]
  return target.startsWith('pipe:') ? logOfReader(target, pid as number) : logOfParent(pid as number)
}

/** Where those who run smtpd for this home write: the resident one, or a tcpserver. */
function findDoorLog(): string[] {
  const home = process.cwd()
  const trusted = [0, process.getuid?.(), accountToBecome('smtp')?.uid] // anybody may call a program so
  const places = readdirSync('/proc')
    .filter(
      (pid) => /^\d+$/.test(pid) && runsSmtpd(pid, home) && trusted.includes(statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid),
    )
    .flatMap((pid) => {
      const target = linkOf(`/proc/${pid}/fd/2`)
      if (target === undefined) return []
      return target.startsWith('pipe:') ? logOfReader(target, Number(pid)) : [target].filter(isFile)
    })
  return [...new Set(places)]
}

/** Whether the program, or what it is to run, is an smtpd, and its working directory the home. */
function runsSmtpd(pid: string, home: string): boolean {
  try {
    if (linkOf(`/proc/${pid}/cwd`) !== home) return false
    return /(?:^|[/\0-])smtpd(?:[ \0]|$)/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
  } catch {
    return false // it has ended
  }
}

/** Where the program that started send writes its own output: what it passes on comes by a socket, whose other end has no name. */
function logOfParent(pid: number): string[] {
  const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  const output = linkOf(`/proc/${parent}/fd/2`)
  return output !== undefined && isFile(output) ? [output] : []
}

/**
 * Whoever reads the pipe: a logger with a directory among its arguments, or a supervisor whose own output goes to a file. s6-svscan and svscan
 * hold the pipe too, for a logger that is started anew; they read nothing.
 */
function logOfReader(pipe: string, writer: number): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== writer)
  const readers = pids.filter((pid) => readsFrom(pid, pipe))
  for (const look of [directoryOf, outputOf]) {
    const found = readers.map(look).find((place) => place !== undefined)
    if (found !== undefined) return [found]
  }
  return []
}

function outputOf(pid: string): string | undefined {
  const output = linkOf(`/proc/${pid}/fd/2`)
  return output !== undefined && isFile(output) ? output : undefined
}

function readsFrom(pid: string, pipe: string): boolean {
  try {
    const ends = readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === pipe)
    return ends.length > 0 && ends.every((fd) => isReadEnd(pid, fd))
  } catch {
    return false // it has ended, or is not ours to see
  }
}

function isReadEnd(pid: string, fd: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? '1'
  return (Number.parseInt(flags, 8) & 3) === 0
}

/** The last argument of multilog, s6-log or svlogd that is a directory with a file current. multilog works in the directory that it was given. */
function directoryOf(pid: string): string | undefined {
  try {
    const base = linkOf(`/proc/${pid}/cwd`) ?? '/'
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').reverse()
    const places = words.filter((word) => /^[./]/.test(word)).flatMap((word) => [resolve(base, word), resolve(dirname(base), word)])
    return places.find((place) => isFile(join(place, 'current')))
  } catch {
    return undefined
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * What the TAI64N labels of a file are ahead of seconds since 1970: a line is not written before its label, so labels that are later than the file's
 * time by more than half of the difference are s6-log's. A copy with a time of its own cannot be told, and counts as multilog's.
 */
export function labelsOf(path: string): number {
  let last: number | undefined
  for (const line of linesOf(path, endBytes)) last = labelOf(line) ?? last
  const written = lstatSync(path).mtimeMs / 1000
  const between = (multilogSeconds + s6LogSeconds) / 2
  return last !== undefined && last - written > between ? s6LogSeconds : multilogSeconds
}

/** The lines of a file as byte strings; of a huge one the last ones. @param most - bytes, from its end */
export function* linesOf(path: string, most: number = mostBytes): Generator<string, void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.nlink > 1) throw Object.assign(new Error('not a regular file with one name'), { path })
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let position = Math.max(0, stats.size - most)
    let rest = ''
    for (;;) {
      const length = readSync(fd, chunk, 0, chunkBytes, position)
      if (length === 0) break
      position += length
      const lines = (rest + chunk.toString('latin1', 0, length)).split('\n')
      rest = lines.pop() as string
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    closeSync(fd)
  }
}
