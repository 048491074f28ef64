/**
 * Copy one mailbox: what has not been copied yet, oldest first, a batch at a time.
 *
 * Twice?   What is written down is not given to TO, nor what is among the messages that TO has got since the last batch
 *          began
 * Missed?  Only what TO has is written down
 */
import { createHash } from 'node:crypto'
import { Trouble } from '@yabumi/trouble'
import type { ImapFlow } from 'imapflow'
import { Journal } from './journal.ts'
import type { Progress } from './progress.ts'
import type { Target, TargetMailbox } from './target.ts'

const batch = 50

export interface Source {
  readonly flow: ImapFlow
  readonly name: string
}

/** A mailbox of FROM. */
export interface Folder {
  readonly path: string
  /** A level each, without a prefix. */
  readonly levels: readonly string[]
  readonly isSubscribed: boolean
}

/** Mailboxes that can be opened, INBOX first. */
export async function foldersOf({ flow }: Source): Promise<Folder[]> {
  const listed = await flow.list()
  const prefix = flow.namespace?.prefix ?? ''
  const folders = listed.flatMap(({ path, delimiter, flags, subscribed }): Folder[] => {
    if (flags.has('\\Noselect') || flags.has('\\NonExistent')) return []
    const plain = prefix !== '' && path.startsWith(prefix) && path !== prefix ? path.slice(prefix.length) : path
    const levels = delimiter ? plain.split(delimiter) : [plain]
    return [{ path, levels, isSubscribed: subscribed }]
  })
  return folders.sort((a, b) => Number(b.path === 'INBOX') - Number(a.path === 'INBOX'))
}

/** @param target - undefined to count only. @throws Trouble 5.3.5 if the mailbox is another one than the last time */
export async function copyFolder(
  source: Source,
  folder: Folder,
  target: Target | undefined,
  state: string,
  to: string,
  progress: Progress,
): Promise<void> {
  const { flow } = source
  const journal = new Journal(state, source.name, folder.path, to)
  const opened = await flow.mailboxOpen(folder.path, { readOnly: true })
  const validity = Number(opened.uidValidity)
  if (journal.validity !== 0 && journal.validity !== validity) {
    throw new Trouble('5.3.5', `${folder.path}: it has another UIDVALIDITY than before; nobody can know what of it has been copied`)
  }
  const all = opened.exists === 0 ? [] : await flow.search({ all: true }, { uid: true })
  if (all === false || all === undefined) throw new Trouble('4.3.0', `${folder.path}: the server does not list its messages`)
  const wanted = all.filter((uid) => !journal.done.has(uid)).sort((a, b) => a - b)
  progress.begin(folder.path, wanted.length, all.length - wanted.length)
  if (target === undefined) return
  const mailbox = await target.open(folder.levels)
  try {
    if (folder.isSubscribed) await target.subscribe(folder.levels)
    await copyMessages(source, folder, wanted, validity, mailbox, journal, progress)
  } finally {
    journal.close()
    await mailbox.close()
  }
}

async function copyMessages(
  { flow }: Source,
  { path }: Folder,
  wanted: readonly number[],
  validity: number,
  mailbox: TargetMailbox,
  journal: Journal,
  progress: Progress,
): Promise<void> {
  const there = journal.at === undefined || wanted.length === 0 ? new Map<string, number>() : await digestsSince(mailbox, journal.at)
  for (let from = 0; from < wanted.length; from += batch) {
    const uids = wanted.slice(from, from + batch)
    const first = journal.at !== undefined && from === 0 // the one that was broken off: its beginning counts until it is done
    journal.begin(validity, first ? (journal.at as number) : await mailbox.uidNext())
    const missing = new Set(uids)
    for await (const { uid, source, flags, internalDate } of flow.fetch(uids.join(','), fields, { uid: true })) {
      if (source === undefined || !missing.delete(uid)) continue
      const digest = digestOf(source)
      const copies = there.get(digest) ?? 0
      if (copies > 0) there.set(digest, copies - 1)
      else {
        const kept = [...(flags ?? [])].filter((flag) => flag.toLowerCase() !== '\\recent')
        await mailbox.append({ bytes: source, flags: kept, date: new Date(internalDate ?? Date.now()) })
      }
      journal.did(uid)
      progress.step(copies > 0)
    }
    if (missing.size > 0 && !flow.usable) throw new Trouble('4.4.2', `${path}: the connection is gone`)
    for (const _ of missing) progress.step(true) // somebody has removed it meanwhile
  }
}

const fields = { uid: true, source: true, flags: true, internalDate: true } as const

async function digestsSince(mailbox: TargetMailbox, uid: number): Promise<Map<string, number>> {
  const digests = new Map<string, number>()
  for await (const bytes of mailbox.since(uid)) {
    const digest = digestOf(bytes)
    digests.set(digest, (digests.get(digest) ?? 0) + 1)
  }
  return digests
}

/** Line ends may change on the way. */
function digestOf(message: Buffer): string {
  return createHash('sha256').update(message.toString('latin1').replaceAll('\r', '').replaceAll('\0', '\x80'), 'latin1').digest('hex')
}
