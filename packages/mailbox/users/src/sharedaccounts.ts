/**
 * control/sharedaccounts: uids under which several mailboxes live, a line each. `mailbox add --account` writes it.
 *
 * Their rights cannot keep one such mailbox from another, so whoever delivers keeps them apart. Where a line is no uid,
 * or the file cannot be read, every uid counts as one of them: it stands before a door.
 */
import { readFileSync } from 'node:fs'
import { homeDirectory } from '@yabumi/home'
import { errnoOf, errorText } from '@yabumi/trouble'

export interface Sharing {
  readonly isShared: boolean
  /** What is wrong with the file; undefined if nothing is. */
  readonly problem?: string
}

/** For so long a process does not look at the file again. */
const keptMilliseconds = 5_000
const name = 'control/sharedaccounts'

let kept: { readonly uids: ReadonlySet<number>; readonly problem: string | undefined; readonly readAt: number } | undefined

/** Whether several mailboxes have this uid. */
export function sharingOf(uid: number): Sharing {
  const now = performance.now()
  if (kept === undefined || now - kept.readAt > keptMilliseconds) kept = { ...read(), readAt: now }
  return kept.problem === undefined ? { isShared: kept.uids.has(uid) } : { isShared: true, problem: kept.problem }
}

function read(): { uids: ReadonlySet<number>; problem: string | undefined } {
  const none = new Set<number>()
  let text: string
  try {
    text = readFileSync(`${homeDirectory()}/${name}`, 'latin1')
  } catch (error) {
    return { uids: none, problem: errnoOf(error) === 'ENOENT' ? undefined : `${name}: ${errorText(error)}` }
  }
  const lines = text
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .map((line) => line.trim())
  const bad = lines.findIndex((line) => line !== '' && !line.startsWith('#') && !/^[0-9]{1,10}$/.test(line))
  if (bad >= 0) return { uids: none, problem: `${name} line ${bad + 1} is no uid` }
  return { uids: new Set(lines.filter((line) => /^[0-9]/.test(line)).map(Number)), problem: undefined }
}
