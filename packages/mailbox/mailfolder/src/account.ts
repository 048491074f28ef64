/**
 * The Maildir of one user with all its mailboxes: to list, make, rename and remove them, and to open them.
 *
 * Out     directories `.A.B` with cur, new, tmp and the file maildirfolder, as Maildir++ has them
 * Synced  every change, before it is told
 * Crash   leaves the journal yabumi-imap/rename in a rename of many; whoever opens the Maildir next finishes it. In a
 *         removal it leaves the directory ..DOVECOT-TRASHED, which the next one, or Dovecot, removes
 */
import { lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import {
  changeSubscription,
  isCounted,
  isOver,
  noteUsage,
  type QuotaLimit,
  readSubscriptions,
  readUsage,
  type Usage,
} from '@yabumi/dovecotfiles'
import { removeQuietly, syncDirectory } from '@yabumi/files'
import { openFolders } from '@yabumi/limits'
import { Annotations } from './annotations.ts'
import { Folder } from './folder.ts'
import { canonicalName, checkNewName, directoryOf, inbox, nameOf } from './foldername.ts'
import { type Glance, glanceAt } from './glance.ts'
import { Mailbox, type Room } from './mailbox.ts'
import { Held, makeDirectory, Place } from './place.ts'
import { Refusal } from './refusal.ts'
import { finishRenames, renameAll } from './renames.ts'
import { type Status, statusOf } from './status.ts'
import { usageOf } from './usage.ts'

const trash = '..DOVECOT-TRASHED'

export class MailAccount {
  readonly #root: Held
  readonly #mode: number
  readonly #limit: () => QuotaLimit | undefined
  /** Open mailboxes by name, the one that was asked for last at the end. */
  readonly #open = new Map<string, Mailbox>()
  readonly #room: Room
  #ended = false

  /**
   * @param maildir - its path, a byte string
   * @param limit - what may lie there now; undefined for what its maildirsize says
   * @throws the system's error
   */
  constructor(maildir: string, limit: () => QuotaLimit | undefined = () => undefined) {
    this.#root = new Held(maildir, true)
    this.#mode = this.#root.status().mode & 0o777
    this.#limit = limit
    this.#room = { ask: (wanted) => this.needRoom(wanted), note: (change) => this.#note(change) }
    makeDirectory(`${this.#root.path}/yabumi-imap`, 0o700)
    finishRenames(this.#root)
  }

  /** Names of all mailboxes, INBOX first. @throws the system's error */
  list(): string[] {
    const entries = readdirSync(this.#root.path, { encoding: 'latin1', withFileTypes: true })
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => nameOf(name))
    return [inbox, ...names.filter((name) => name !== undefined).sort()]
  }

  exists(name: string): boolean {
    const directory = directoryOf(name)
    return directory !== undefined && lstatSync(this.#root.entry(directory), { throwIfNoEntry: false })?.isDirectory() === true
  }

  /**
   * Open a mailbox, or share it with those who have it open. Give it back by close(). It has not looked at the disk yet: sync() does.
   *
   * @throws Refusal NONEXISTENT; the system's error
   */
  open(name: string): Mailbox {
    const canonical = canonicalName(name)
    const known = this.#open.get(canonical)
    const mailbox = known !== undefined && this.#isStill(known) ? known : this.#openAnew(canonical)
    if (known !== undefined && known !== mailbox) this.#drop(known)
    this.#open.delete(canonical)
    this.#open.set(canonical, mailbox)
    mailbox.users += 1
    return mailbox
  }

  /** Who opened a mailbox needs it no more. The last few stay ready for the next one. */
  close(mailbox: Mailbox): void {
    mailbox.users -= 1
    if (mailbox.users > 0) return
    if (this.#open.get(mailbox.name) === mailbox) mailbox.folder.save()
    else mailbox.folder.close()
    for (const each of [...this.#open.values()]) {
      if (this.#open.size <= openFolders) return
      if (each.users === 0) this.#drop(each)
    }
  }

  /** Let go of everything. Nobody uses it any more. A second time does nothing. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const mailbox of this.#open.values()) mailbox.folder.close()
    this.#open.clear()
    this.#root.close()
  }

  /** Counts of a mailbox. Nothing is moved out of new/, and nothing stops being \Recent. @throws Refusal NONEXISTENT; the system's error */
  async status(name: string): Promise<Status> {
    const mailbox = this.open(name)
    try {
      await mailbox.sync()
      return statusOf(mailbox)
    } finally {
      this.close(mailbox)
    }
  }

  /** Make a mailbox. Those above it need not exist. @throws Refusal ALREADYEXISTS, CANNOT; the system's error */
  create(name: string): void {
    const canonical = checkNewName(name)
    if (canonical === inbox || this.exists(canonical)) throw new Refusal('ALREADYEXISTS', 'There is a mailbox of this name')
    const path = `${this.#root.path}/${directoryOf(canonical)}`
    if (!makeDirectory(path, this.#mode)) throw new Refusal('ALREADYEXISTS', 'There is a mailbox of this name')
    const place = new Place(path)
    try {
      writeFileSync(place.directory.entry('maildirfolder'), '', { mode: place.fileMode })
      syncDirectory(place.directory.path)
      syncDirectory(this.#root.path)
    } finally {
      place.close()
    }
  }

  /** Remove a mailbox with its messages; those below it stay. @throws Refusal NONEXISTENT, CANNOT; the system's error */
  remove(name: string): void {
    const canonical = canonicalName(name)
    if (canonical === inbox) throw new Refusal('CANNOT', 'INBOX cannot be removed')
    const directory = directoryOf(canonical)
    if (directory === undefined || !this.exists(canonical)) throw new Refusal('NONEXISTENT', 'There is no such mailbox')
    const { bytes, count } = isCounted(this.#root.path) ? usageOf(this.#root.path, [directory]) : { bytes: 0, count: 0 }
    const gone = this.#root.entry(trash)
    rmSync(gone, { recursive: true, force: true })
    renameSync(this.#root.entry(directory), gone)
    syncDirectory(this.#root.path)
    const open = this.#open.get(canonical)
    if (open !== undefined) this.#drop(open)
    rmSync(gone, { recursive: true, force: true })
    this.#note({ bytes: -bytes, count: -count })
  }

  /**
   * Give a mailbox, and those below it, another name. INBOX stays: its messages move to a new mailbox.
   *
   * @throws Refusal NONEXISTENT, ALREADYEXISTS, CANNOT; the system's error
   */
  async rename(name: string, to: string): Promise<void> {
    const [from, target] = [canonicalName(name), checkNewName(to)]
    if (from === inbox) return this.#emptyInbox(target)
    const pairs = this.#pairs(from, target)
    renameAll(this.#root, pairs)
    for (const [old, fresh] of pairs) {
      const mailbox = this.#open.get(old)
      if (mailbox === undefined) continue
      this.#open.delete(old)
      mailbox.folder.name = fresh
      this.#open.set(fresh, mailbox)
    }
  }

  /** Undefined if there is no such mailbox. @throws the system's error */
  glance(name: string): Glance | undefined {
    const directory = directoryOf(name)
    return directory === undefined ? undefined : glanceAt(this.#root, directory)
  }

  /** What the user has noted of a mailbox, which a rename keeps; or with no name, of the account. @throws Refusal NONEXISTENT */
  annotations(name: string): Annotations {
    if (name === '') return new Annotations(`${this.#root.path}/yabumi-imap`, 'servermetadata')
    const directory = directoryOf(name)
    if (directory === undefined || !this.exists(name)) throw new Refusal('NONEXISTENT', 'There is no such mailbox')
    return new Annotations(`${this.#root.path}/${directory}/yabumi-imap`, 'metadata')
  }

  /** Names that the user has subscribed to, whether they exist or not. @throws the system's error */
  subscriptions(): string[] {
    return readSubscriptions(this.#root.path)
  }

  /** @returns false if there was nothing to do. @throws StillLocked; the system's error */
  subscribe(name: string, wanted: boolean): Promise<boolean> {
    return changeSubscription(this.#root.path, canonicalName(name), wanted, this.#mode & 0o666)
  }

  /** What lies in the Maildir, and what may. Limits of 0 are none. @throws the system's error */
  usage(): { limit: QuotaLimit; used: Usage } {
    return readUsage(this.#root.path, this.#limit(), () => usageOf(this.#root.path), this.#mode & 0o666)
  }

  /** @throws Refusal OVERQUOTA if there is no room for so much more; the system's error */
  needRoom(wanted: Usage): void {
    if (this.#limit() === undefined && !isCounted(this.#root.path)) return
    const { limit, used } = this.usage()
    if (isOver(limit, { bytes: used.bytes + wanted.bytes, count: used.count + wanted.count })) {
      throw new Refusal('OVERQUOTA', 'The quota of this account is used up')
    }
  }

  /** What has happened has happened: where it cannot be noted, all is counted anew the next time. */
  #note(change: Usage): void {
    try {
      noteUsage(this.#root.path, change)
    } catch {
      removeQuietly(`${this.#root.path}/maildirsize`)
    }
  }

  #openAnew(name: string): Mailbox {
    const directory = directoryOf(name)
    if (directory === undefined || !this.exists(name)) throw new Refusal('NONEXISTENT', 'There is no such mailbox')
    const path = name === inbox ? this.#root.path : `${this.#root.path}/${directory}`
    return new Mailbox(new Folder(name, path, this.#root.path, name === inbox), this.#room)
  }

  /** Whether the name still leads to it, and its UIDs are still true. */
  #isStill({ name, folder }: Mailbox): boolean {
    if (folder.isReplaced()) return false
    const status = lstatSync(this.#root.entry(directoryOf(name) ?? ''), { throwIfNoEntry: false })
    const held = folder.place.directory.status()
    return status !== undefined && status.ino === held.ino && status.dev === held.dev
  }

  /** It is not the one of its name any more, or not needed. */
  #drop(mailbox: Mailbox): void {
    this.#open.delete(mailbox.name)
    if (mailbox.users === 0) mailbox.folder.close()
  }

  #pairs(from: string, to: string): [string, string][] {
    const pairs = this.list().flatMap((each): [string, string][] => {
      return each === from || each.startsWith(`${from}/`) ? [[each, to + each.slice(from.length)]] : []
    })
    if (pairs.length === 0) throw new Refusal('NONEXISTENT', 'There is no such mailbox')
    if (to === inbox || pairs.some(([, fresh]) => this.exists(fresh))) {
      throw new Refusal('ALREADYEXISTS', 'There is a mailbox of this name')
    }
    if (to.startsWith(`${from}/`)) throw new Refusal('CANNOT', 'A mailbox cannot be moved below itself')
    for (const [, fresh] of pairs) checkNewName(fresh)
    return pairs
  }

  async #emptyInbox(to: string): Promise<void> {
    this.create(to)
    const [source, target] = [this.open(inbox), this.open(to)]
    try {
      await source.sync()
      await target.sync()
      await source.move([...source.uids()], target)
    } finally {
      this.close(source)
      this.close(target)
    }
  }
}
