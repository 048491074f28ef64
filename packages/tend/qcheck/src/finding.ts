/** What can be wrong with a queue: each kind has a name, which README.md explains. */
import type { MessageId } from '@yabumi/queuedir'

export type Kind =
  | 'bad-envelope'
  | 'bad-info'
  | 'bad-recipients'
  | 'bounce-without-info'
  | 'channel-without-info'
  | 'envelope-differs'
  | 'envelope-left'
  | 'envelope-without-message'
  | 'info-without-message'
  | 'lock-file-missing'
  | 'lock-file-type'
  | 'lock-file-size'
  | 'directory-missing'
  | 'directory-type'
  | 'message-left'
  | 'stray-file'
  | 'todo-without-message'
  | 'wrong-mode'
  | 'wrong-number'
  | 'wrong-owner'
  | 'wrong-split'
  | 'wrong-type'

/** What --fix does about each: `always`, `alone` (only while no send runs), or `never`, because a person must decide. */
export const kinds: Readonly<Record<Kind, 'always' | 'alone' | 'never'>> = {
  'bad-envelope': 'never',
  'bad-info': 'never',
  'bad-recipients': 'never',
  'bounce-without-info': 'alone',
  'channel-without-info': 'never',
  'envelope-differs': 'alone',
  'envelope-left': 'alone',
  'envelope-without-message': 'alone',
  'info-without-message': 'never',
  'lock-file-missing': 'always',
  'lock-file-type': 'alone',
  'lock-file-size': 'always',
  'directory-missing': 'always',
  'directory-type': 'never',
  'message-left': 'alone',
  'stray-file': 'never',
  'todo-without-message': 'never',
  'wrong-mode': 'always',
  'wrong-number': 'alone',
  'wrong-owner': 'always',
  'wrong-split': 'alone',
  'wrong-type': 'never',
}

export interface Finding {
  readonly kind: Kind
  /** Relative to queue/. */
  readonly path: string
  /** Undefined if it belongs to no message. */
  readonly id: MessageId | undefined
  /** What is wrong, in words. */
  readonly text: string
}

/** The same thing seen again. */
export function keyOf({ kind, path }: Finding): string {
  return `${kind} ${path}`
}
