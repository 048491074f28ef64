/**
 * Repairs: only what cannot cost an accepted message anything, and each only while the finding still holds.
 *
 * Names are made and removed by the account whose directory it is, which root acts as; owners, modes and sizes are set
 * by root (settle.ts).
 *
 * Never removed: mess/ of a message with a todo/ or info/ entry, todo/, info/, local/, remote/. What belongs together
 * stays together.
 */
import { linkSync, lstatSync, unlinkSync } from 'node:fs'
import { asAccount } from '@yabumi/home'
import { makePart } from '@yabumi/newhome'
import { type MessageId, queuePath, type SplitDirectory } from '@yabumi/queuedir'
import { errnoOf, errorText } from '@yabumi/trouble'
import { lookAgain } from './again.ts'
import { type Finding, keyOf, kinds } from './finding.ts'
import type { Shared } from './message.ts'
import { type Accounts, ownerFor, ownerOfDirectory, partsOfQueue, tcptoBytes } from './places.ts'
import { renumber } from './renumber.ts'
import { setMode, setOwner, setSize } from './settle.ts'

/** A finding, and what came of repairing it: `repaired`, or why not. */
export interface Outcome extends Finding {
  readonly outcome: 'repaired' | string
}

interface Permission {
  /** No send runs, and none can start meanwhile. */
  readonly alone: boolean
  /** Nor does a resident queue. */
  readonly quiet: boolean
}

/** Repair what may be repaired, in the order found. */
export function repair(findings: readonly Finding[], shared: Shared, { alone, quiet }: Permission): Outcome[] {
  process.umask(0)
  const foreign = new Set(findings.filter(({ kind }) => kind === 'wrong-owner').map(({ id }) => id))
  const misnumbered = findings.flatMap(({ kind, id }) => (kind === 'wrong-number' && id !== undefined && !foreign.has(id) ? [id] : []))
  const renumbered = alone && quiet ? renumber(misnumbered, shared.accounts) : new Set<MessageId>()
  return findings.map((finding) => {
    const { kind, id } = finding
    if (kinds[kind] === 'never') return { ...finding, outcome: 'a person must decide' }
    if (kinds[kind] === 'alone' && !alone) return { ...finding, outcome: 'not while send runs' }
    if (kind === 'wrong-number') {
      if (!quiet) return { ...finding, outcome: 'not while queue --listen runs' }
      if (foreign.has(id)) return { ...finding, outcome: 'not before its files have their owner' }
      return { ...finding, outcome: renumbered.has(id as MessageId) ? 'repaired' : 'another message has that number' }
    }
    return { ...finding, outcome: attempt(finding, shared) }
  })
}

function attempt(finding: Finding, shared: Shared): string {
  if (lookAgain([finding], shared).length === 0) return 'repaired' // by another repair, or by its owner
  try {
    act(finding, shared)
  } catch (error) {
    return errorText(error)
  }
  return lookAgain([finding], shared).some((found) => keyOf(found) === keyOf(finding)) ? 'no change' : 'repaired'
}

function act({ kind, path, id }: Finding, { accounts }: Shared): void {
  const part = partsOfQueue(accounts).find((candidate) => candidate.path === path)
  const owner = part === undefined ? ownerOfDirectory(path, accounts) : ownerFor(part, accounts)
  const change = (work: () => void) => asAccount(ownerOfDirectory(path, accounts), work)
  switch (kind) {
    case 'lock-file-type':
      change(() => unlinkSync(path))
      break
    case 'wrong-mode':
      setMode(path, part !== undefined && part.kind !== 'link' ? part.mode : modeFor(path), owner)
      return
    case 'wrong-owner':
      setOwner(path, owner ?? accounts.send, namesOf(path, id, accounts))
      return
    case 'lock-file-size':
      setSize(path, tcptoBytes, owner)
      return
    case 'wrong-split':
      change(() => {
        linkSync(path, queuePath(path.split('/', 1)[0] as SplitDirectory, id as MessageId)) // does not replace what is there
        unlinkSync(path)
      })
      return
    case 'message-left':
      change(() => {
        removeIfThere(queuePath('intd', id as MessageId))
        unlinkSync(path)
      })
      return
    case 'envelope-differs':
    case 'envelope-left':
    case 'envelope-without-message':
    case 'bounce-without-info':
      change(() => unlinkSync(path))
      return
    default:
  }
  if (part === undefined) return
  const isRoot = process.getuid?.() === 0
  makePart(part, () => (isRoot ? (ownerFor(part, accounts) ?? accounts.send) : undefined))
}

/** How many names a file of a message may have: todo/N and intd/N are one file until the message is preprocessed. */
function namesOf(path: string, id: MessageId | undefined, { queue }: Accounts): number {
  if (id === undefined || !path.startsWith('todo/')) return 1
  const inode = (name: string) => lstatSync(name, { throwIfNoEntry: false })?.ino
  return asAccount(queue, () => inode(path) === inode(queuePath('intd', id))) ? 2 : 1
}

function modeFor(path: string): number {
  return /^(?:mess|todo|intd)\//.test(path) ? 0o644 : 0o600
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
