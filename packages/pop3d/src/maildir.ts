/**
 * A Maildir as a maildrop (spec §6.3): new/ and cur/ in the order of arrival.
 *
 * Relative names: the Maildir is the working directory. Names are byte strings.
 * Crash: each message is removed or moved by one system call, so it is in one place, whole, at any moment.
 */
import { closeSync, constants, openSync, readdirSync, readSync, renameSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { ossifiedSeconds } from '@yabumi/limits'
import { CannotScan, type Content, type Maildrop, type Message } from './maildrop.ts'

interface MaildirMessage extends Message {
  readonly directory: 'new' | 'cur'
  readonly name: string
  readonly arrived: number
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

export class Maildir implements Maildrop {
  readonly messages: readonly MaildirMessage[]

  private constructor(messages: readonly MaildirMessage[]) {
    this.messages = messages
  }

  /**
   * List the Maildir that is the working directory, after a look for what deliveries that ended badly have left in tmp/.
   * Files of the running second are left for the next session, as qmail does it.
   *
   * @throws CannotScan
   */
  static find(): Maildir {
    const now = nowSeconds()
    removeOldest('tmp', now - ossifiedSeconds)
    const messages = [...messagesIn('new', now), ...messagesIn('cur', now)]
    return new Maildir(messages.sort((a, b) => a.arrived - b.arrived || (a.name < b.name ? -1 : 1)))
  }

  open(index: number): Content {
    const { directory, name } = this.messages[index] as MaildirMessage
    const fd = openSync(pathOf(directory, name), constants.O_RDONLY | constants.O_NONBLOCK)
    return {
      read: (into) => readSync(fd, into, 0, into.length, null),
      close: () => closeSync(fd),
    }
  }

  /** New messages move to cur/ with the mark that they have no flags; one that cannot move stays new. */
  finish(deleted: ReadonlySet<number>): boolean {
    let all = true
    for (const [index, { directory, name }] of this.messages.entries()) {
      const path = pathOf(directory, name)
      if (deleted.has(index)) all = succeeds(() => unlinkSync(path)) && all
      else if (directory === 'new') succeeds(() => renameSync(path, pathOf('cur', `${name}:2,`)))
    }
    return all
  }
}

function removeOldest(directory: string, before: number): void {
  for (const name of namesIn(directory) ?? []) {
    const path = pathOf(directory, name)
    const stat = statOf(path)
    if (stat !== undefined && seconds(stat.atimeMs) < before) succeeds(() => unlinkSync(path))
  }
}

function messagesIn(directory: MaildirMessage['directory'], now: number): MaildirMessage[] {
  const names = namesIn(directory)
  if (names === undefined) throw new CannotScan(`unable to read ${directory}`)
  const messages: MaildirMessage[] = []
  for (const name of names) {
    const stat = statOf(pathOf(directory, name))
    if (stat === undefined || !stat.isFile() || seconds(stat.mtimeMs) >= now) continue
    const colon = name.indexOf(':')
    messages.push({ directory, name, arrived: stat.mtimeMs, size: stat.size, uid: colon < 0 ? name : name.slice(0, colon) })
  }
  return messages
}

function namesIn(directory: string): string[] | undefined {
  try {
    return readdirSync(directory, 'latin1').filter((name) => !name.startsWith('.'))
  } catch {
    return undefined
  }
}

function statOf(path: string | Buffer): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const ascii = /^[\0-\x7f]*$/

function pathOf(directory: string, name: string): string | Buffer {
  const path = `${directory}/${name}`
  return ascii.test(path) ? path : Buffer.from(path, 'latin1')
}

/** Make a call whose failure does no harm: the file is gone, or not ours to touch. */
function succeeds(call: () => void): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}
