/**
 * `recipientd --look [UID GID GROUPS]`: what lies in a user's home, said by a process that has become the user.
 *
 * In      descriptor 0: requests of one user, a JSON array of byte strings
 * Out     descriptor 1: `+` while nothing is the user's yet, then a letter for each request, in order
 * Hangs   where the home does: whoever has started it does not wait
 */
import { readFileSync, writeSync } from 'node:fs'
import type { Request } from '@yabumi/dotfile'
import { becomeUser, homeDirectory } from '@yabumi/home'
import { lookInHome } from '@yabumi/recipient'
import type { Verdict } from '@yabumi/recipientprotocol'

/** Said when the look begins: what stops the process from now on, a home or its user, is a home that does not answer. */
export const begun = '+'
const letters: Readonly<Record<Verdict, string>> = { known: 'k', unknown: 'u', uncertain: '?' }

/** What a letter of its output means; undefined for one that means nothing. */
export function verdictOf(letter: string): Verdict | undefined {
  return (Object.keys(letters) as Verdict[]).find((verdict) => letters[verdict] === letter)
}

/** @param words - as of userWords(). @throws Trouble 4.3.0 if it cannot become the user */
export function lookAsUser(words: readonly string[]): void {
  homeDirectory() // the first look, before the working directory is the user's home
  const requests = JSON.parse(readFileSync(0, 'latin1')) as Request[]
  writeSync(1, begun)
  becomeUser(words)
  for (const request of requests) writeSync(1, letters[lookInHome(request).verdict])
}
