/** The directories and lock files of the queue: there, of the right type, owner and mode (spec §1.1). */
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { type Account, account, asAccount, descend, type FileOwner, hasAccounts } from '@yabumi/home'
import { type Part, queueParts } from '@yabumi/newhome'
import { isMessageId } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import type { Finding } from './finding.ts'

export const tcptoBytes = 1_024
const permissions = 0o777
const groupRights = 0o070
/** What each directory holds beside the files of messages. */
const alsoThere = new Set(['README.md'])

export interface Accounts {
  readonly queue: Account
  readonly send: Account
  /** Whose the table of rspawn is; undefined in a home without accounts/, where the table says so itself. */
  readonly remote: Account | undefined
  /** Of todo/, where that has a group of its own. */
  readonly intake: FileOwner | undefined
}

/** The working directory is the home. @throws Trouble 4.3.0 if it does not say who they are */
export function accountsOfQueue(): Accounts {
  const queue = account('queue')
  const isSettled = hasAccounts('.')
  const send = isSettled || lstatSync('queue/info', { throwIfNoEntry: false }) !== undefined ? account('send') : queue
  return { queue, send, remote: isSettled ? account('remote') : undefined, intake: intakeOf(queue, send) }
}

/** The group of todo/ is that of queue, or one of send's further ones: that which todo/ has now, or the only one there is. */
function intakeOf(queue: Account, send: Account): FileOwner | undefined {
  const gid = lstatSync('queue/todo', { throwIfNoEntry: false })?.gid
  if (gid === undefined || gid === queue.gid) return undefined
  const [only, ...more] = send.groups
  const intake = send.groups.includes(gid) || process.getuid?.() !== 0 ? gid : more.length === 0 ? only : undefined
  return intake === undefined ? undefined : { uid: queue.uid, gid: intake }
}

/** Every part of queue/, each with its path relative to it. */
export function partsOfQueue({ intake }: Accounts): Part[] {
  return queueParts(intake !== undefined).map((part) => ({ ...part, path: part.path === 'queue' ? '.' : part.path.slice('queue/'.length) }))
}

/** Whose a part of the queue is. */
export function ownerFor({ owner }: Part, { queue, send, remote, intake }: Accounts): FileOwner | undefined {
  if (owner === 'queue') return queue
  if (owner === 'intake') return intake
  return owner === 'send' ? send : remote
}

/** Whose a directory of messages is; so is everything in it. */
export function ownerOfDirectory(path: string, { queue, send }: Accounts): Account {
  return /^(?:info|local|remote|bounce)(?:\/|$)/.test(path) ? send : queue
}

/** What is wrong with the places where files belong. */
export function checkPlaces(accounts: Accounts): Finding[] {
  const parts = partsOfQueue(accounts)
  return [...parts.flatMap((part) => checkPart(part, accounts)), ...strays(parts, accounts)]
}

function checkPart(part: Part, accounts: Accounts): Finding[] {
  const { path } = part
  const stats = lookAt(path)
  if (stats === 'beyond a link') return []
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

/** What is reached through something else than a directory is not looked at: that is a finding of its own. */
function lookAt(path: string): Stats | undefined | 'beyond a link' {
  try {
    return descend('.', path, (name) => lstatSync(name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (errnoOf(error) === 'ENOTDIR' || errnoOf(error) === 'ELOOP') return 'beyond a link'
    throw error
  }
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
  } else if (owner !== undefined && part.kind === 'directory' && (part.mode & groupRights) !== 0 && stats.gid !== owner.gid) {
    findings.push({ kind: 'wrong-owner', path, id: undefined, text: `belongs to group ${stats.gid}, not ${owner.gid}` })
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
function strays(parts: readonly Part[], accounts: Accounts): Finding[] {
  const known = new Set(parts.map(({ path }) => path))
  const findings: Finding[] = []
  for (const directory of ['.', 'lock', 'mess', 'info', 'local', 'remote']) {
    for (const name of namesSeen(directory, accounts)) {
      const path = directory === '.' ? name : `${directory}/${name}`
      if (!known.has(path) && !alsoThere.has(path)) findings.push(strayFile(path))
    }
  }
  for (const directory of ['todo', 'intd', 'bounce']) {
    for (const name of namesSeen(directory, accounts)) if (!isMessageId(name)) findings.push(strayFile(`${directory}/${name}`))
  }
  return findings
}

/** What root may not see as the account that it is then has a wrong owner or mode, which is a finding of its own. */
function namesSeen(directory: string, accounts: Accounts): string[] {
  try {
    return asAccount(ownerOfDirectory(directory, accounts), () => namesIn(directory))
  } catch (error) {
    if (errnoOf(error) === 'EACCES' && process.getuid?.() === 0) return []
    throw error
  }
}

export function strayFile(path: string): Finding {
  return { kind: 'stray-file', path, id: undefined, text: 'nothing of the queue' }
}

/** The names in a directory; none if it is not there. @throws the system's error if it may not be read */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, 'latin1')
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
