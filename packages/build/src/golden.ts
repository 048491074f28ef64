/**
 * Which golden vectors are run. A file that is in no list is an error, so that none is forgotten.
 *
 * The vectors and their runner are kept in test/golden as they were recorded; see the README there.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const runFor = [
  'inject',
  'smtpd',
  'qmtpd',
  'qmqpd',
  'qmqpc',
  'queue',
  'clean',
  'lspawn',
  'rspawn',
  'local',
  'remote',
  'flow',
  'popup',
  'pop3d',
  'newu',
  'newmrh',
  'pw2u',
  'showctl',
  'reports',
  'dotqmail',
  'mailbox',
  'wrappers',
  'rest',
]
const runForFuzz = ['fuzz-inject', 'fuzz-local', 'fuzz-pop3d', 'fuzz-remote', 'fuzz-smtpd']
/** Flows run as root need a queue/ of the account that queues in them. */
const withOwners = ['flow']
/** Cases that the runner cannot look at as a normal user: it reads every file, and this one has a file that only root can read. */
const rootOnly = ['local/012']
/**
 * Cases where we do better than what was recorded, as the specification asks (§8.2): maildir2mbox keeps a last line that has no end, which
 * the original loses. packages/maildir2mbox/test/message.ts holds the promise.
 */
const better = ['mailbox/001']

/**
 * The arguments of each run of test/golden/run that covers the vectors.
 *
 * @throws Error if a file of the directory is in no list, or the reverse
 */
export function goldenRuns(root: string, asRoot: boolean): string[][] {
  const directory = join(root, 'test/golden')
  const present = readdirSync(directory).flatMap((name) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []))
  const run = [...runFor, ...runForFuzz]
  const odd = [...present.filter((name) => !run.includes(name)), ...run.filter((name) => !present.includes(name))]
  if (odd.length > 0) throw new Error(`test/golden and the lists in packages/build/src/golden.ts differ in: ${odd.join(' ')}`)
  const all = ['--bin', join(root, 'bin'), '-j', '2']
  const except = (cases: readonly string[]) => ['--only', `^(?!(${cases.join('|')})$)`]
  const paths = (names: readonly string[]) => names.map((name) => join(directory, `${name}.jsonl`))
  if (!asRoot) return [[...all, ...except([...better, ...rootOnly]), ...paths(run)]]
  return [
    [...all, ...except(better), ...paths(run.filter((name) => !withOwners.includes(name)))],
    [...all, '--setup', join(import.meta.dirname, 'own-queue.sh'), ...paths(withOwners)],
  ]
}
