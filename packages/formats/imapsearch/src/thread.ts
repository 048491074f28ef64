/**
 * THREAD: messages and their answers (RFC 5256 §3). Time: n log n, and one look at each reference.
 *
 * REFERENCES follows References, and In-Reply-To where there are none; then threads of one base subject become one.
 * REFS leaves that out, and puts the thread with the newest message last. ORDEREDSUBJECT knows subjects only.
 */
import type { ThreadAlgorithm } from '@yabumi/imapwire'
import { mergeSubjects } from './mergesubjects.ts'
import type { SearchMessage } from './message.ts'
import { messageIds } from './messageids.ts'
import { sentSeconds } from './sort.ts'
import { baseSubject } from './subject.ts'
import { firstOf, type ThreadNode } from './threadnode.ts'

/** The threads of messages, in order. */
export function threadMessages(messages: readonly SearchMessage[], algorithm: ThreadAlgorithm): ThreadNode[] {
  const sent = new Map(messages.map((message) => [message, sentSeconds(message)]))
  const dates = new Dates(sent)
  if (algorithm === 'ORDEREDSUBJECT') return byOrderedSubject(messages, dates)
  const roots = prune(link(messages))
  dates.sort(roots)
  if (algorithm === 'REFS') return dates.sortByNewest(roots)
  const merged = mergeSubjects(roots)
  dates.sort(merged)
  return merged
}

/** `(1 (2 4)(3))(5)`, without blanks between threads. @param label - the number or the UID */
export function writeThreads(threads: readonly ThreadNode[], label: (message: SearchMessage) => number): string {
  const out: string[] = []
  const pending: (ThreadNode | string)[] = []
  const pushAll = (nodes: readonly ThreadNode[]): void => {
    for (const node of [...nodes].reverse()) pending.push(')', node, '(')
  }
  pushAll(threads)
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') {
      out.push(next)
      continue
    }
    const { message, children } = next
    if (message !== undefined) out.push(String(label(message)))
    const [only] = children
    if (message !== undefined && children.length > 0) out.push(' ')
    if (children.length === 1 && only !== undefined) pending.push(only)
    else pushAll(children)
  }
  return out.join('')
}

/** When threads were sent: a message's date, or that of the first answer. */
class Dates {
  readonly #sent: ReadonlyMap<SearchMessage, number>

  constructor(sent: ReadonlyMap<SearchMessage, number>) {
    this.#sent = sent
  }

  of(message: SearchMessage): number {
    return this.#sent.get(message) ?? 0
  }

  compare(a: SearchMessage, b: SearchMessage): number {
    return this.of(a) - this.of(b) || a.number - b.number
  }

  /** Sorts all siblings, deepest first, so that a node without a message has the date of its first. */
  sort(roots: ThreadNode[]): void {
    const order: ThreadNode[][] = [roots]
    for (const nodes of order) for (const { children } of nodes) if (children.length > 0) order.push(children)
    for (const nodes of order.reverse()) nodes.sort((a, b) => this.compare(firstOf(a), firstOf(b)))
  }

  sortByNewest(roots: readonly ThreadNode[]): ThreadNode[] {
    const newest = roots.map((root) => {
      const all = [root]
      for (const { children } of all) for (const child of children) all.push(child)
      let date = Number.NEGATIVE_INFINITY
      for (const { message } of all) if (message !== undefined) date = Math.max(date, this.of(message))
      return { root, date }
    })
    return newest.sort((a, b) => a.date - b.date || firstOf(a.root).number - firstOf(b.root).number).map(({ root }) => root)
  }
}

function byOrderedSubject(messages: readonly SearchMessage[], dates: Dates): ThreadNode[] {
  const threads = new Map<string, SearchMessage[]>()
  for (const message of [...messages].sort((a, b) => dates.compare(a, b))) {
    const { text } = baseSubject(message.fields('SUBJECT').at(-1))
    const thread = threads.get(text)
    if (thread === undefined) threads.set(text, [message])
    else thread.push(message)
  }
  const leaf = (message: SearchMessage): ThreadNode => ({ message, children: [] })
  return [...threads.values()].map(([first, ...others]) => ({ message: first, children: others.map(leaf) }))
}

/** Nodes that are linked: `parent` is the next one up, and `towardsRoot` one further up, so that roots are found quickly. */
interface Linked {
  message: SearchMessage | undefined
  /** The place of its message among all; of a node without one, beyond all. */
  place: number
  parent: Linked | undefined
  towardsRoot: Linked | undefined
}

/** Every message with what it refers to. Messages say themselves whose answers they are; what others say comes second. */
function link(messages: readonly SearchMessage[]): Linked[] {
  const byId = new Map<string, Linked>()
  const all: Linked[] = []
  const nodeOf = (id: string | undefined): Linked => {
    const known = id === undefined ? undefined : byId.get(id)
    if (known !== undefined) return known
    const node: Linked = { message: undefined, place: Number.POSITIVE_INFINITY, parent: undefined, towardsRoot: undefined }
    all.push(node)
    if (id !== undefined) byId.set(id, node)
    return node
  }
  const own = messages.map((message, place) => {
    const [id] = messageIds(message.fields('MESSAGE-ID').at(-1) ?? '')
    const known = nodeOf(id)
    const node = known.message === undefined ? known : nodeOf(undefined)
    node.message = message
    node.place = place
    return node
  })
  const references = messages.map((message) => referencesOf(message).map(nodeOf))
  for (const [place, node] of own.entries()) hang(node, references[place]?.at(-1))
  for (const [place, chain] of references.entries()) {
    for (const [at, node] of chain.entries()) {
      const isFree = node.message === undefined || node.place < place
      if (isFree && node.parent === undefined) hang(node, chain[at - 1])
    }
  }
  return all
}

/** Puts a node that has no parent below another one, unless that makes a circle. */
function hang(node: Linked, parent: Linked | undefined): void {
  if (parent === undefined || rootOf(parent) === node) return
  node.parent = parent
  node.towardsRoot = parent
}

function rootOf(node: Linked): Linked {
  let at = node
  for (let up = at.towardsRoot; up !== undefined; up = at.towardsRoot) {
    if (up.towardsRoot !== undefined) at.towardsRoot = up.towardsRoot
    at = up
  }
  return at
}

/** Threads of those nodes that have messages. One without stays only where it holds several threads together. */
function prune(all: readonly Linked[]): ThreadNode[] {
  const kept = new Map<Linked, ThreadNode>()
  const nodeOf = (linked: Linked): ThreadNode => {
    const known = kept.get(linked)
    if (known !== undefined) return known
    const node: ThreadNode = { message: linked.message, children: [] }
    kept.set(linked, node)
    return node
  }
  const anchors = new Map<Linked, Linked>()
  const roots = new Set<Linked>()
  for (const linked of all) {
    const anchor = linked.parent === undefined ? undefined : anchorOf(linked.parent, anchors)
    if (linked.message === undefined) continue
    if (anchor === undefined) roots.add(linked)
    else {
      if (anchor.message === undefined) roots.add(anchor)
      nodeOf(anchor).children.push(nodeOf(linked))
    }
  }
  return [...roots].map(nodeOf).map((root) => {
    const [only] = root.children
    return root.message === undefined && root.children.length === 1 && only !== undefined ? only : root
  })
}

/** The nearest node from here up that has a message, or the uppermost. */
function anchorOf(linked: Linked, anchors: Map<Linked, Linked>): Linked {
  const path: Linked[] = []
  let at = linked
  while (at.message === undefined && at.parent !== undefined) {
    const known = anchors.get(at)
    if (known !== undefined) {
      at = known
      break
    }
    path.push(at)
    at = at.parent
  }
  for (const node of path) anchors.set(node, at)
  return at
}

/** Most references of a message that count, the last ones: they are the nearest. */
const referencesKept = 1_000

function referencesOf(message: SearchMessage): string[] {
  const references = messageIds(message.fields('REFERENCES').join(' '))
  if (references.length > 0) return references.slice(-referencesKept)
  return messageIds(message.fields('IN-REPLY-TO').at(-1) ?? '').slice(0, 1)
}
