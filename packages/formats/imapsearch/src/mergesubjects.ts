/** Threads of one base subject become one: the fifth step of REFERENCES (RFC 5256 §3). */
import { type BaseSubject, baseSubject } from './subject.ts'
import { firstOf, type ThreadNode } from './threadnode.ts'

interface Root {
  readonly node: ThreadNode
  readonly subject: BaseSubject
}

/** @param roots - sorted, with their children; they are changed */
export function mergeSubjects(roots: readonly ThreadNode[]): ThreadNode[] {
  const all = roots.map((node) => ({ node, subject: baseSubject(firstOf(node).fields('SUBJECT').at(-1)) }))
  const bySubject = new Map<string, Root>()
  for (const root of all) {
    const { text } = root.subject
    const known = bySubject.get(text)
    if (text !== '' && (known === undefined || isBetter(root, known))) bySubject.set(text, root)
  }
  const merged: ThreadNode[] = []
  const heads = new Map<ThreadNode, ThreadNode>()
  for (const root of all) {
    const known = bySubject.get(root.subject.text)
    if (known === undefined || known.node === root.node) merged.push(root.node)
    else mergeInto(root, known, heads)
  }
  return merged.map((node) => heads.get(node) ?? node)
}

/** A thread that others join: one without a message of its own, or whose first message is no answer. */
function isBetter(root: Root, known: Root): boolean {
  if (known.node.message === undefined) return false
  return root.node.message === undefined || (known.subject.isReply && !root.subject.isReply)
}

/** @param heads - nodes that stand in place of a thread which has become a child */
function mergeInto(root: Root, known: Root, heads: Map<ThreadNode, ThreadNode>): void {
  const head = heads.get(known.node) ?? known.node
  if (head.message === undefined) {
    if (root.node.message === undefined) for (const child of root.node.children) head.children.push(child)
    else head.children.push(root.node)
  } else if (root.subject.isReply && !known.subject.isReply) head.children.push(root.node)
  else heads.set(known.node, { message: undefined, children: [head, root.node] })
}
