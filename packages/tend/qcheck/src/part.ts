/**
 * The first look: every message of one part of the queue, by what its directories list. Which of it lasts, the second
 * look tells.
 */
import { isMessageId, type MessageId, splitOf } from '@yabumi/queuedir'
import type { Finding } from './finding.ts'
import { checkMessage, type Directory, type Presence, type Shared, type State, stateOf } from './message.ts'
import { namesIn, strayFile } from './places.ts'

const splitDirectories = ['mess', 'info', 'local', 'remote'] as const

export interface PartReport {
  readonly findings: readonly Finding[]
  readonly states: Readonly<Record<State, number>>
}

/** One look at the whole queue. */
export interface LookOrder extends Shared {
  /** The files of intd/. */
  readonly envelopes: ReadonlyMap<MessageId, number>
  /** Counted up. */
  readonly look: number
}

type Plain = 'todo' | 'intd' | 'bounce'
/** The directories that are not split, by part; read once in each look and thread. */
let plain: Record<Plain, Set<MessageId>[]> = { todo: [], intd: [], bounce: [] }
let plainLook = -1

function byPart(names: readonly string[]): Set<MessageId>[] {
  const parts: Set<MessageId>[] = []
  for (const name of names.filter(isMessageId)) {
    const part = splitOf(name)
    parts[part] ??= new Set()
    parts[part].add(name)
  }
  return parts
}

/** Look at one part. */
export function lookAtPart(part: number, order: LookOrder): PartReport {
  if (plainLook !== order.look)
    plain = { todo: byPart(namesIn('todo')), intd: byPart([...order.envelopes.keys()]), bounce: byPart(namesIn('bounce')) }
  plainLook = order.look
  const findings: Finding[] = []
  const none = new Set<MessageId>()
  const lists: Record<Directory, ReadonlySet<MessageId>> = {
    ...{ mess: none, info: none, local: none, remote: none },
    ...{ todo: plain.todo[part] ?? none, intd: plain.intd[part] ?? none, bounce: plain.bounce[part] ?? none },
  }
  for (const directory of splitDirectories) lists[directory] = listSplit(directory, part, findings)
  const states: Record<State, number> = { S2: 0, S3: 0, S4: 0, S5: 0, '?': 0 }
  const all = new Set(Object.values(lists).flatMap((ids) => [...ids]))
  for (const id of all) {
    const present: Presence = {
      ...{ mess: lists.mess.has(id), intd: lists.intd.has(id), todo: lists.todo.has(id), info: lists.info.has(id) },
      ...{ local: lists.local.has(id), remote: lists.remote.has(id), bounce: lists.bounce.has(id) },
    }
    states[stateOf(present)] += 1
    for (const finding of checkMessage(id, present, (each) => order.envelopes.get(each), order)) findings.push(finding)
  }
  return { findings, states }
}

function listSplit(directory: (typeof splitDirectories)[number], part: number, findings: Finding[]): ReadonlySet<MessageId> {
  const ids = new Set<MessageId>()
  for (const name of namesIn(`${directory}/${part}`)) {
    const path = `${directory}/${part}/${name}`
    if (!isMessageId(name)) findings.push(strayFile(path))
    else if (splitOf(name) !== part) {
      findings.push({ kind: 'wrong-split', path, id: name, text: `belongs into ${directory}/${splitOf(name)}` })
    } else ids.add(name)
  }
  return ids
}
