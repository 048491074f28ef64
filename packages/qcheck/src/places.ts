/** The directories and lock files of the queue: there, of the right type, owner and mode (spec §1.1). */
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import type { FileOwner } from '@yabumi/home'
import { type Part, queueParts } from '@yabumi/newhome'
import { isMessageId } from '@yabumi/queuedir'
import type { Finding } from './finding.ts'

const tcptoBytes = 1_024
const permissions = 0o777
/** What each directory holds beside the files of messages. */
const alsoThere = new Set(['README.md'])

/** The accounts of a queue are the owners of these. */
export interface Accounts {
  readonly queue: FileOwner
  readonly send: FileOwner
  /** Of todo/, where that has a group of its own. */
  readonly intake: FileOwner | undefined
}

/** @throws the system's error if even these two are missing */
export function accountsOfQueue(): Accounts {
  const ownerOf = (path: string): FileOwner => {
    const { uid, gid } = lstatSync(path)
    return { uid, gid }
  }
  const queue = ownerOf('.')
  const info = lstatSync('info', { throwIfNoEntry: false })
  const todo = lstatSync('todo', { throwIfNoEntry: false })
  return {
    queue,
    send: info === undefined ? queue : { uid: info.uid, gid: info.gid },
    intake: todo === undefined || todo.gid === queue.gid ? undefined : { uid: queue.uid, gid: todo.gid },
  }
}

/** Every part of queue/, each with its path relative to it. */
export function partsOfQueue({ intake }: Accounts): Part[] {
  return queueParts(intake !== undefined).map((part) => ({ ...part, path: part.path === 'queue' ? '.' : part.path.slice('queue/'.length) }))
}

/** Whose a part of the queue is; undefined for the table of rspawn, which says itself whose it is. */
export function ownerFor({ owner }: Part, { queue, send, intake }: Accounts): FileOwner | undefined {
  if (owner === 'queue') return queue
  if (owner === 'intake') return intake
  return owner === 'send' ? send : undefined
}

/** What is wrong with the places where files belong. */
export function checkPlaces(accounts: Accounts): Finding[] {
  const parts = partsOfQueue(accounts)
  return [...parts.flatMap((part) => checkPart(part, accounts)), ...strays(parts)]
}

function checkPart(part: Part, accounts: Accounts): Finding[] {
  const { path } = part
  const stats = lstatSync(path, { throwIfNoEntry: false })
  const finding = (kind: Finding['kind'], text: string): Finding => ({ kind, path, id: undefined, text })
  if (stats === undefined) {
    return [part.kind === 'directory' ? finding('directory-missing', 'no such directory') : finding('lock-file-missing', 'no such file')]
  }
  if (!hasType(stats, part)) {
    return [part.kind === 'directory' ? finding('directory-type', 'not a directory') : finding('lock-file-type', `not a ${part.kind}`)]
  }
  const findings = checkAttributes(stats, part, accounts)
  if (path === 'lock/tcpto' && stats.size !== tcptoBytes) {
    findings.push(finding('lock-file-size', `${stats.size} bytes, not ${tcptoBytes}`))
  }
  return findings
}

function hasType(stats: Stats, { kind }: Part): boolean {
  if (kind === 'directory') return stats.isDirectory()
  return kind === 'fifo' ? stats.isFIFO() : stats.isFile()
}

function checkAttributes(stats: Stats, part: Part, accounts: Accounts): Finding[] {
  const findings: Finding[] = []
  const { path } = part
  const owner = ownerFor(part, accounts)
  if (owner !== undefined && stats.uid !== owner.uid) {
    findings.push({ kind: 'wrong-owner', path, id: undefined, text: `belongs to uid ${stats.uid}, not ${owner.uid}` })
  }
  const mode = stats.mode & permissions
  if (part.kind !== 'link' && mode !== part.mode) {
    findings.push({ kind: 'wrong-mode', path, id: undefined, text: `mode ${octal(mode)}, not ${octal(part.mode)}` })
  }
  return findings
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0')
}

/** Names that no program of the queue makes, in the directories that hold no messages. */
function strays(parts: readonly Part[]): Finding[] {
  const known = new Set(parts.map(({ path }) => path))
  const findings: Finding[] = []
  for (const directory of ['.', 'lock', 'mess', 'info', 'local', 'remote']) {
    for (const name of namesIn(directory)) {
      const path = directory === '.' ? name : `${directory}/${name}`
      if (!known.has(path) && !alsoThere.has(path)) findings.push(strayFile(path))
    }
  }
  for (const directory of ['todo', 'intd', 'bounce']) {
    for (const name of namesIn(directory)) if (!isMessageId(name)) findings.push(strayFile(`${directory}/${name}`))
  }
  return findings
}

export function strayFile(path: string): Finding {
  return { kind: 'stray-file', path, id: undefined, text: 'nothing of the queue' }
}

/** The names in a directory; none if it is not there. @throws the system's error if it may not be read */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, 'latin1')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
