/**
 * The file subscriptions in the root of the Maildir: names of mailboxes that the user wants to see.
 *
 * Reads   version 2, `V<TAB>2`, an empty line, then names with TAB between their components; or version 1, plain
 *         names
 * Writes  the version that is there, or 2; the lock file, subscriptions.lock, becomes the new file
 * Synced  before changeSubscription() returns
 */
import { constants, lstatSync, readFileSync } from 'node:fs'
import { subscriptionsBytes } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'
import { DotLock } from './dotlock.ts'

const head = 'V\t2\n\n'

/**
 * All names, `/` between their components, in the order of the file.
 *
 * @param root - of the Maildir, a byte string without a slash at its end
 * @throws the system's error
 */
export function readSubscriptions(root: string): string[] {
  return parseSubscriptions(textOf(`${root}/subscriptions`)).names
}

/** The names, and the version, of the bytes of a file. */
export function parseSubscriptions(text: string): { version: 1 | 2; names: string[] } {
  if (text !== '' && !text.startsWith('V\t2\n')) return { version: 1, names: distinct(text.split('\n')) }
  const lines = text.slice('V\t2\n'.length).split('\n')
  return { version: 2, names: distinct(lines.map((line) => line.split('\t').map(unescaped).join('/'))) }
}

/**
 * Add or remove a name.
 *
 * @returns false if there was nothing to do
 * @throws StillLocked; the system's error; then the file is as it was
 */
export async function changeSubscription(root: string, name: string, wanted: boolean, mode: number): Promise<boolean> {
  const file = `${root}/subscriptions`
  const lock = await DotLock.take(file)
  let content: Buffer
  try {
    const { version, names } = parseSubscriptions(textOf(file))
    if (names.includes(name) === wanted) {
      lock.release()
      return false
    }
    content = Buffer.from(textFor(version, wanted ? [...names, name] : names.filter((each) => each !== name)), 'latin1')
  } catch (error) {
    lock.release()
    throw error
  }
  lock.replace(content, mode)
  return true
}

function textFor(version: 1 | 2, names: readonly string[]): string {
  if (version === 1) return names.map((name) => `${name}\n`).join('')
  return head + names.map((name) => `${name.split('/').map(escaped).join('\t')}\n`).join('')
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names.filter((name) => name !== ''))]
}

const marks: Readonly<Record<string, string>> = { '\x01': '1', '\t': 't', '\n': 'n', '\r': 'r', '\0': '0' }
const marked: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(marks).map(([byte, mark]) => [mark, byte]))

function escaped(component: string): string {
  return component.replace(/[\x01\t\n\r\0]/g, (byte) => `\x01${marks[byte]}`)
}

function unescaped(component: string): string {
  return component.replace(/\x01(.)/g, (_, mark: string) => marked[mark] ?? mark)
}

function textOf(file: string): string {
  const status = lstatSync(file, { throwIfNoEntry: false })
  if (status === undefined) return ''
  if (!status.isFile() || status.size > subscriptionsBytes) throw Object.assign(new Error('EFBIG'), { code: 'EFBIG' })
  try {
    return readFileSync(file, { encoding: 'latin1', flag: constants.O_RDONLY | constants.O_NOFOLLOW })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
