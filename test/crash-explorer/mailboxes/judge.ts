/**
 * What must be true of a Maildir after a crash, for a client that had heard so much: everything that it was told, and
 * nothing that would make it believe what is wrong.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MailAccount, type Mailbox } from '@yabumi/mailfolder'
import type { CrashState } from '../crashes.ts'
import type { Played } from './play.ts'
import { type Box, keywords, messageText, type World } from './scenarios.ts'

/** @param path - of the Maildir, as the crash has left it. @returns a text for each broken promise */
export async function judgeMaildir(path: string, state: CrashState, played: Played): Promise<string[]> {
  const account = new MailAccount(path)
  try {
    return await new Judge(account, path, state, played).judge()
  } catch (error) {
    return [`the mailboxes cannot be served: ${error instanceof Error ? error.stack : error}`]
  } finally {
    account.end()
  }
}

class Judge {
  readonly #account: MailAccount
  readonly #path: string
  /** What the client knew, and what it may know after the command that was under way. */
  readonly #before: World
  readonly #after: World
  readonly #heard: readonly World[]
  readonly #modseq: number
  readonly #problems: string[] = []
  readonly #found = new Set<string>()

  constructor(account: MailAccount, path: string, { acknowledged }: CrashState, { told, worlds, ends }: Played) {
    this.#account = account
    this.#path = path
    const done = ends.filter((end) => acknowledged.has(String(end))).length
    this.#heard = worlds.slice(0, done + 1)
    this.#before = worlds[done] as World
    this.#after = worlds[done + 1] ?? this.#before
    const lines = told.filter((_, at) => acknowledged.has(String(at)))
    const numbers = lines.flatMap((line) => [...line.matchAll(/(?:HIGHESTMODSEQ |MODSEQ \()(\d+)/g)].map(([, number]) => Number(number)))
    this.#modseq = Math.max(0, ...numbers)
  }

  async judge(): Promise<string[]> {
    this.#names()
    for (const name of this.#account.list()) await this.#mailbox(name)
    const wanted = (world: World): Set<string> => new Set([...world.boxes.values()].flatMap(({ messages }) => [...messages.values()]))
    const after = wanted(this.#after)
    for (const id of wanted(this.#before)) if (after.has(id) && !this.#found.has(id)) this.#bad(`${id} is lost`)
    if (existsSync(join(this.#path, 'yabumi-imap/rename'))) this.#bad('a rename was not finished')
    await this.#newMailbox()
    return this.#problems
  }

  #bad(text: string): void {
    this.#problems.push(text)
  }

  #names(): void {
    const names = this.#account.list().sort().join(' ')
    const wanted = [this.#before, this.#after].map(({ boxes }) => [...boxes.keys()].sort().join(' '))
    if (!wanted.includes(names)) this.#bad(`the mailboxes are ${names}, and should be ${wanted.join(', or ')}`)
    const subscribed = new Set(this.#account.subscriptions())
    for (const name of this.#before.subscribed) if (!subscribed.has(name)) this.#bad(`the subscription of ${name} is lost`)
  }

  async #mailbox(name: string): Promise<void> {
    const mailbox = this.#account.open(name)
    try {
      await mailbox.sync()
      const uids = new Map<number, string>()
      for (const uid of mailbox.uids()) uids.set(uid, await this.#message(mailbox, uid))
      this.#compare(name, String(mailbox.uidValidity), uids)
      const [was, will] = [this.#before, this.#after].map(({ boxes }) => boxes.get(name)?.id)
      if (was === will && was !== undefined && was !== mailbox.mailboxId) this.#bad(`${name} has another MAILBOXID`)
      await this.#next(mailbox)
    } finally {
      this.#account.close(mailbox)
    }
  }

  /** @returns which message it is */
  async #message(mailbox: Mailbox, uid: number): Promise<string> {
    const text = String(await mailbox.read(uid))
    const id = /^X-Id: (\S+)\n/.exec(text)?.[1] ?? ''
    if (text !== messageText(id)) this.#bad(`UID ${uid} of ${mailbox.name} is torn`)
    this.#found.add(id)
    for (const name of mailbox.state(uid)?.keywords ?? [])
      if (!keywords.has(name)) this.#bad(`${id} has the keyword ${name}, which nobody gave it`)
    return id
  }

  #compare(name: string, validity: string, uids: ReadonlyMap<number, string>): void {
    const [was, will] = [this.#before.boxes.get(name), this.#after.boxes.get(name)]
    if (was !== undefined && will !== undefined && was.validity === will.validity) {
      if (was.validity !== '' && was.validity !== validity) this.#bad(`${name} has another UIDVALIDITY`)
      for (const [uid, id] of was.messages)
        if (will.messages.get(uid) === id && uids.get(uid) !== id)
          this.#bad(`${id} is not UID ${uid} of ${name} but ${uids.get(uid) ?? 'nothing'} is`)
    }
    for (const [uid, id] of this.#told(validity)) {
      const now = uids.get(uid)
      if (now !== undefined && now !== id) this.#bad(`UID ${uid} of ${name} was ${id}, and is ${now} now`)
    }
  }

  /** Every UID that the client has heard of with this UIDVALIDITY. */
  #told(validity: string): Map<number, string> {
    const boxes = this.#heard.flatMap(({ boxes }): Box[] => [...boxes.values()])
    return new Map(boxes.filter((box) => box.validity === validity).flatMap(({ messages }) => [...messages]))
  }

  /** The next message must have a UID, and a modseq, that nobody has heard of. */
  async #next(mailbox: Mailbox): Promise<void> {
    const [uid = 0] = await mailbox.append([{ message: Buffer.from(messageText('next')), flags: 0, keywords: [] }])
    const highest = Math.max(0, ...this.#told(String(mailbox.uidValidity)).keys())
    if (uid <= highest) this.#bad(`the next message of ${mailbox.name} is UID ${uid}, and ${highest} was used`)
    if (mailbox.name === 'INBOX' && mailbox.modseqOf(uid) <= this.#modseq)
      this.#bad(`the next modseq is ${mailbox.modseqOf(uid)}, and ${this.#modseq} was told`)
  }

  /** A new mailbox must have a UIDVALIDITY that nobody has heard of. */
  async #newMailbox(): Promise<void> {
    this.#account.create('Fresh')
    const mailbox = this.#account.open('Fresh')
    await mailbox.sync()
    const known = this.#heard.some(({ boxes }) => [...boxes.values()].some(({ validity }) => validity === String(mailbox.uidValidity)))
    if (known) this.#bad(`a new mailbox has the UIDVALIDITY ${mailbox.uidValidity} of an old one`)
    this.#account.close(mailbox)
  }
}
