/**
 * Repairs: only what cannot cost an accepted message anything, and each only while the finding still holds.
 *
 * Never removed: mess/ of a message with a todo/ or info/ entry, todo/, info/, local/, remote/. What belongs together stays together.
 */
import { chmodSync, lchownSync, linkSync, truncateSync, unlinkSync } from 'node:fs'
import type { FileOwner } from '@yabumi/home'
import { makePart } from '@yabumi/newhome'
import { type MessageId, queuePath, type SplitDirectory } from '@yabumi/queuedir'
import { errnoOf, errorText } from '@yabumi/trouble'
import { lookAgain } from './again.ts'
import { type Finding, keyOf, kinds } from './finding.ts'
import type { Circumstances } from './message.ts'
import { type Accounts, ownerFor, partsOfQueue } from './places.ts'
import { renumber } from './renumber.ts'

/** A finding, and what came of repairing it: `repaired`, or why not. */
export interface Outcome extends Finding {
  readonly outcome: 'repaired' | string
}

export interface Permission {
  /** No send runs, and none can start meanwhile. */
  readonly alone: boolean
  /** Nor does a resident queue. */
  readonly quiet: boolean
}

/** Repair what may be repaired, in the order found. */
export function repair(findings: readonly Finding[], circumstances: Circumstances, { alone, quiet }: Permission): Outcome[] {
  process.umask(0)
  const misnumbered = findings.filter(({ kind }) => kind === 'wrong-number')
  const renumbered = alone && quiet ? renumber(misnumbered.map(({ id }) => id as MessageId)) : new Set<MessageId>()
  return findings.map((finding) => {
    const { kind, id } = finding
    if (kinds[kind] === 'never') return { ...finding, outcome: 'a person must decide' }
    if (kinds[kind] === 'alone' && !alone) return { ...finding, outcome: 'not while send runs' }
    if (kind === 'wrong-number') {
      if (!quiet) return { ...finding, outcome: 'not while queue --listen runs' }
      return { ...finding, outcome: renumbered.has(id as MessageId) ? 'repaired' : 'another message has that number' }
    }
    return { ...finding, outcome: attempt(finding, circumstances) }
  })
}

function attempt(finding: Finding, circumstances: Circumstances): string {
  if (lookAgain([finding], circumstances).length === 0) return 'repaired' // by another repair, or by its owner
  try {
    act(finding, circumstances)
  } catch (error) {
    return errorText(error)
  }
  return lookAgain([finding], circumstances).some((found) => keyOf(found) === keyOf(finding)) ? 'no change' : 'repaired'
}

function act({ kind, path, id }: Finding, { accounts }: Circumstances): void {
  const part = partsOfQueue(accounts).find((candidate) => candidate.path === path)
  switch (kind) {
    case 'lock-file-type':
      unlinkSync(path)
      break
    case 'wrong-mode':
      chmodSync(path, part !== undefined && part.kind !== 'link' ? part.mode : modeFor(path))
      return
    case 'wrong-owner': {
      const { uid, gid } = part === undefined ? ownerOfMessageFile(path, accounts) : (ownerFor(part, accounts) ?? accounts.send)
      lchownSync(path, uid, gid)
      return
    }
    case 'lock-file-size':
      truncateSync(path, 1_024)
      return
    case 'wrong-split':
      linkSync(path, queuePath(path.split('/', 1)[0] as SplitDirectory, id as MessageId)) // does not replace what is there
      unlinkSync(path)
      return
    case 'message-left':
      removeIfThere(queuePath('intd', id as MessageId))
      unlinkSync(path)
      return
    case 'envelope-differs':
    case 'envelope-left':
    case 'envelope-without-message':
    case 'bounce-without-info':
      unlinkSync(path)
      return
    default:
  }
  if (part === undefined) return
  const isRoot = process.getuid?.() === 0
  makePart(part, () => (isRoot ? (ownerFor(part, accounts) ?? accounts.send) : undefined))
}

function isOfQueue(path: string): boolean {
  return /^(?:mess|todo|intd)\//.test(path)
}

function modeFor(path: string): number {
  return isOfQueue(path) ? 0o644 : 0o600
}

function ownerOfMessageFile(path: string, { queue, send }: Accounts): FileOwner {
  return isOfQueue(path) ? queue : send
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
