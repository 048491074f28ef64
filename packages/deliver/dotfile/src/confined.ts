/**
 * What dotfiles may not say where several mailboxes have one account (control/sharedaccounts). The rights of the
 * account are then no border between them.
 */
import { sharingOf } from '@yabumi/users'
import { mayNotRun } from './failure.ts'
import type { Instruction } from './instruction.ts'

/** Whether the account of this process is one of those. */
export function isConfined(): boolean {
  return sharing().isShared
}

function sharing() {
  return sharingOf(process.geteuid?.() ?? 0)
}

/**
 * Instructions that may be obeyed, all of them looked at before the first: a later attempt would do those in front of a bad one again.
 *
 * @param name - of the file that has them
 * @throws Failure if one runs a program. Where paths lead is seen when they are gone
 */
export function confine(name: string, instructions: Iterable<Instruction>): readonly Instruction[] {
  const all = [...instructions]
  if (all.some(({ kind }) => kind === 'program')) throw mayNotRun(name, sharing().problem)
  return all
}
