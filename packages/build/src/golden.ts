/**
 * Which golden vectors are run. A file that is in neither list is an error, so that none is forgotten.
 *
 * The vectors and their runner are kept in test/golden as they were recorded; see the README there.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const runFor = ['inject', 'smtpd', 'queue', 'clean', 'lspawn', 'rspawn', 'local', 'remote', 'flow', 'popup', 'pop3d', 'newu', 'reports']
const runForFuzz = ['fuzz-inject', 'fuzz-local', 'fuzz-pop3d', 'fuzz-remote', 'fuzz-smtpd']
/** Vectors of programs that are not there yet. */
const waiting = ['dotqmail', 'mailbox', 'newmrh', 'pw2u', 'qmqpc', 'qmqpd', 'qmtpd', 'rest', 'showctl', 'wrappers']

/**
 * The paths of the vector files to run.
 *
 * @throws Error if a file of the directory is in no list, or the reverse
 */
export function goldenFiles(root: string): string[] {
  const directory = join(root, 'test/golden')
  const present = readdirSync(directory).flatMap((name) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []))
  const listed = [...runFor, ...runForFuzz, ...waiting]
  const odd = [...present.filter((name) => !listed.includes(name)), ...listed.filter((name) => !present.includes(name))]
  if (odd.length > 0) throw new Error(`test/golden and the lists in packages/build/src/golden.ts differ in: ${odd.join(' ')}`)
  return [...runFor, ...runForFuzz].map((name) => join(directory, `${name}.jsonl`))
}
