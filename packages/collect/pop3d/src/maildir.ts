/**
 * A Maildir as a maildrop (spec §6.3): new/ and cur/ in the order of arrival.
 *
 * Relative names: the Maildir is the working directory. Names are byte strings.
 * Crash: each message is removed or moved by one system call, so it is in one place, whole, at any moment.
 */
import { closeSync, constants, openSync, readSync, renameSync, unlinkSync } from 'node:fs'
import { CannotList, cleanMaildir, listMaildir, type MaildirFile, maildirPath } from '@yabumi/maildir'
import { CannotScan, type Content, type Maildrop, type Message } from './maildrop.ts'

interface MaildirMessage extends Message {
  readonly file: MaildirFile
}

export class Maildir implements Maildrop {
  readonly messages: readonly MaildirMessage[]

  private constructor(messages: readonly MaildirMessage[]) {
    this.messages = messages
  }

  /**
   * List the Maildir that is the working directory, after a look for what deliveries that ended badly have left in tmp/.
   *
   * @throws CannotScan
   */
  static find(): Maildir {
    cleanMaildir()
    try {
      return new Maildir(listMaildir(['new', 'cur']).map((file) => ({ file, size: file.sizeBytes, uid: uidOf(file.name) })))
    } catch (error) {
      throw error instanceof CannotList ? new CannotScan(error.message, { cause: error }) : error
    }
  }

  open(index: number): Content {
    const { file } = this.messages[index] as MaildirMessage
    const fd = openSync(maildirPath(file.part, file.name), constants.O_RDONLY | constants.O_NONBLOCK)
    return {
      read: (into) => readSync(fd, into, 0, into.length, null),
      close: () => closeSync(fd),
    }
  }

  /** New messages move to cur/ with the mark that they have no flags; one that cannot move stays new. */
  finish(deleted: ReadonlySet<number>): boolean {
    let all = true
    for (const [index, { file }] of this.messages.entries()) {
      const { part, name } = file
      const path = maildirPath(part, name)
      if (deleted.has(index)) all = succeeds(() => unlinkSync(path)) && all
      else if (part === 'new') succeeds(() => renameSync(path, maildirPath('cur', `${name}:2,`)))
    }
    return all
  }
}

/** The name up to the flags, which change. */
function uidOf(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(0, colon)
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
