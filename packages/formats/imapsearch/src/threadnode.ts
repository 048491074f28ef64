/** A thread: a message with what answers it. */
import type { SearchMessage } from './message.ts'

/** Without a message where it is not there, or where threads were joined; such a node has children. */
export interface ThreadNode {
  readonly message: SearchMessage | undefined
  readonly children: ThreadNode[]
}

/** The message of a node, or of its first child that has one. */
export function firstOf(node: ThreadNode): SearchMessage {
  let at = node
  while (at.message === undefined) at = at.children[0] as ThreadNode
  return at.message
}
