/**
 * How the golden vectors are run.
 *
 * The vectors and their runner are kept in test/golden as they were recorded; see the README there. All of them are
 * run.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Flows run as root need a queue/ of the account that queues in them. */
const withOwners = ['flow.jsonl']
/** Cases that are left out, and why. */
const disputed: [id: string, reason: string][] = [
  ['mailbox/001', 'maildir2mbox of the reference loses a last line that has no line end, and then removes the message; ours keeps it'],
  ['local/009', 'a home that a group of several accounts may write is refused (test/hostile/strangers.ts), unless control/patrn says 002'],
  ['fuzz-local/009', 'a blank in front of an address in a .qmail file is none of it'],
  ['fuzz-local/015', 'a line of a .qmail file with blanks in its address is no address, and is named; the reference forwards to it'],
]
const rootOnly: [id: string, reason: string][] = [
  ['local/012', 'the runner reads every file, and this case has one that only root can read'],
]

/** The cases that no run covers, with the reasons. */
export function leftOut(asRoot: boolean): [id: string, reason: string][] {
  return asRoot ? disputed : [...disputed, ...rootOnly]
}

/** The arguments of each run of test/golden/run; together they cover every vector file once. */
export function goldenRuns(root: string, asRoot: boolean): string[][] {
  const directory = join(root, 'test/golden')
  const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
  const left = leftOut(asRoot).map(([id]) => id)
  const common = ['--bin', join(root, 'bin'), '-j', '2', '--only', `^(?!(${left.join('|')})$)`]
  const paths = (chosen: readonly string[]) => chosen.map((name) => join(directory, name))
  if (!asRoot) return [[...common, ...paths(names)]]
  return [
    [...common, ...paths(names.filter((name) => !withOwners.includes(name)))],
    [...common, '--setup', join(import.meta.dirname, 'own-queue.sh'), ...paths(withOwners)],
  ]
}
