/**
 * control/patrn: who else than the user may write a home and the dotfiles in it, as qmail's conf-patrn says it when it
 * is built.
 *
 * `002` nobody but groups, any of them; `022` no group either. Without the file a group may that is the user's alone. A
 * line that is none of these counts as 022 and is named in what is said: it stands before a door.
 */
import { readFileSync } from 'node:fs'
import { homeDirectory } from '@yabumi/home'
import { errnoOf, errorText } from '@yabumi/trouble'

export type Patrn = 'private group' | 'any group' | 'no group'

/** @returns the rule, and what is wrong with the file */
export function readPatrn(): { readonly rule: Patrn; readonly problem?: string } {
  let text: string
  try {
    text = readFileSync(`${homeDirectory()}/control/patrn`, 'latin1')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { rule: 'private group' }
    return { rule: 'no group', problem: `control/patrn cannot be read (${errorText(error)}), which` }
  }
  const line =
    text
      .replace(/^\xef\xbb\xbf/, '')
      .split('\n', 1)[0]
      ?.trim() ?? ''
  if (/^0*2$/.test(line)) return { rule: 'any group' }
  return /^0*22$/.test(line) ? { rule: 'no group' } : { rule: 'no group', problem: 'control/patrn line 1 is neither 002 nor 022, and' }
}
