/**
 * Whether files of finished messages may be kept for queue to write over: where the programs that give messages to
 * their recipients are ours. qmail's, or a wrapper around them, give the file itself, and whoever has had that could
 * read the next message in it.
 */
import { isOurs } from '@yabumi/home'
import { keepSpares } from '@yabumi/spawnprotocol'
import type { ProgramName } from './programs.ts'

/** The arguments for send. */
export function sparesFor(find: (name: ProgramName) => string): string[] {
  return (['send', 'lspawn', 'rspawn'] as const).every((name) => isOurs(find(name), name)) ? [keepSpares] : []
}
