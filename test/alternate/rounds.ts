/**
 * Two servers change a Maildir in turns, with other programs in between. After each step both must show the same
 * messages, with the same UIDs, flags and keywords, in the same mailboxes, with the same subscriptions; and no UID may
 * ever have been another message.
 */
import { readdirSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../crash-explorer/random.ts'
import type { ImapClient } from '../support/imapclient.ts'
import { differences, type MailboxView, messageIn, select, subscriptionsOf, viewOf } from './view.ts'
import { messageOf, type Side, type World } from './world.ts'

const mailboxes = ['INBOX', 'Archive'] as const
const flags = ['\\Seen', '\\Flagged', '\\Answered', '\\Draft', 'work', '$Forwarded', 'Later']
const fewest = 8 // so many stay, to have something to change

type Mailbox = (typeof mailboxes)[number]

interface Open {
  readonly client: ImapClient
  readonly validity: string
}

export class Rounds {
  readonly #world: World
  readonly #user: string
  readonly #random: Random
  readonly #isKept: boolean
  readonly #kept = new Map<string, Open>()
  /** What each UID was, by mailbox, UIDVALIDITY and UID. */
  readonly #ever = new Map<string, string>()
  #made = 0

  /** @param isKept - sessions stay open all the time; else each step is a session of its own */
  constructor(world: World, user: string, random: Random, isKept: boolean) {
    this.#world = world
    this.#user = user
    this.#random = random
    this.#isKept = isKept
  }

  /** @returns what was wrong, a text for each */
  async play(rounds: number): Promise<string[]> {
    const bad: string[] = []
    const first = await this.#world.logIn(this.#pick(this.#world.sides), this.#user)
    await first.must('CREATE Archive')
    first.close()
    for (let round = 1; round <= rounds && bad.length < 10; round += 1) {
      const side = this.#pick(this.#world.sides)
      const [step, change] = this.#pick(this.#steps)
      try {
        await change(side)
        for (const wrong of await this.#compare()) bad.push(`round ${round}, ${step} by ${side.name}: ${wrong}`)
      } catch (error) {
        bad.push(`round ${round}, ${step} by ${side.name}: ${error instanceof Error ? error.message : error}`)
        this.close()
      }
    }
    this.close()
    return bad
  }

  close(): void {
    for (const { client } of this.#kept.values()) client.close()
    this.#kept.clear()
  }

  /** What may happen, by name. */
  readonly #steps: readonly [string, (side: Side) => Promise<unknown>][] = [
    ['append', (side) => this.#with(side, 'INBOX', (client) => client.append('INBOX', messageOf(this.#next(), '\r\n'), this.#pick(flags)))],
    ['delivery', async () => this.#deliver()],
    ['delivery', async () => this.#deliver()],
    [
      'STORE',
      (side) =>
        this.#change(side, 1, (client, uid) => client.must(`UID STORE ${uid} ${this.#pick(['+', '-', ''])}FLAGS (${this.#pick(flags)})`)),
    ],
    ['COPY', (side) => this.#change(side, 1, (client, uid, other) => client.must(`UID COPY ${uid} ${other}`))],
    ['MOVE', (side) => this.#change(side, fewest, (client, uid, other) => client.must(`UID MOVE ${uid} ${other}`))],
    ['EXPUNGE', (side) => this.#change(side, fewest, expunge)],
    [
      'SUBSCRIBE',
      (side) => this.#with(side, 'INBOX', (client) => client.must(`${this.#pick(['', 'UN'])}SUBSCRIBE ${this.#pick(mailboxes)}`)),
    ],
    ['rename of a file', async () => this.#renameFile()],
    ['removal of a file', async () => this.#removeFile()],
  ]

  async #with(side: Side, mailbox: Mailbox, work: (client: ImapClient) => Promise<unknown>): Promise<void> {
    const { client } = await this.#open(side, mailbox)
    await client.must('NOOP')
    await work(client)
    if (!this.#isKept) client.close()
  }

  /** Do something with one message, if there are as many as `least`. */
  async #change(side: Side, least: number, work: (client: ImapClient, uid: number, other: Mailbox) => Promise<unknown>): Promise<void> {
    const at = this.#random() < 0.7 ? 0 : 1
    await this.#with(side, mailboxes[at], async (client) => {
      const uids = await client.search('ALL')
      if (uids.length >= least) await work(client, this.#pick(uids), mailboxes[1 - at] as Mailbox)
    })
  }

  async #open(side: Side, mailbox: Mailbox): Promise<Open> {
    const key = `${side.name} ${mailbox}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const client = await this.#world.logIn(side, this.#user)
    const open = { client, validity: await select(client, mailbox) }
    if (this.#isKept) this.#kept.set(key, open)
    return open
  }

  async #compare(): Promise<string[]> {
    const wrong: string[] = []
    const names = this.#world.sides.map(({ name }) => name) as [string, string]
    const subscriptions: string[] = []
    for (const mailbox of mailboxes) {
      const views: MailboxView[] = []
      for (const side of this.#world.sides) {
        const { client, validity } = await this.#open(side, mailbox)
        views.push(await viewOf(client, validity))
        if (mailbox === 'INBOX') subscriptions.push((await subscriptionsOf(client)).join(' '))
        if (!this.#isKept) client.close()
      }
      wrong.push(...differences(mailbox, views as [MailboxView, MailboxView], names), ...this.#notAsEver(mailbox, views[0] as MailboxView))
    }
    if (subscriptions[0] !== subscriptions[1]) wrong.push(`subscriptions: ${subscriptions.join(' | ')}`)
    return wrong
  }

  #notAsEver(mailbox: Mailbox, { validity, uids }: MailboxView): string[] {
    return [...uids].flatMap(([entry, uid]) => {
      const id = messageIn(entry)
      const key = `${mailbox} ${validity} ${uid}`
      const was = this.#ever.get(key) ?? id
      this.#ever.set(key, id)
      return was === id ? [] : [`${mailbox}: UID ${uid} was message ${was}, and is ${id} now`]
    })
  }

  #deliver(): void {
    const message = messageOf(this.#next(), '\n')
    this.#world.deliver(this.#user, `${1_600_000_000 + this.#made}.M${this.#made}P1.stranger`, message)
  }

  #removeFile(): void {
    const names = this.#files()
    if (names.length > fewest) unlinkSync(join(this.#world.maildir(this.#user), 'cur', this.#pick(names)))
  }

  /** As a mail reader does that looks at files only. */
  #renameFile(): void {
    const old = this.#pick(this.#files())
    const [base, letters] = old?.split(':2,') ?? []
    if (old === undefined || letters === undefined) return
    const letter = this.#pick(['S', 'F', 'R'])
    const fresh = letters.includes(letter) ? letters.replace(letter, '') : [...letters, letter].sort().join('')
    const cur = join(this.#world.maildir(this.#user), 'cur')
    renameSync(join(cur, old), join(cur, `${base}:2,${fresh}`))
  }

  #files(): string[] {
    return readdirSync(join(this.#world.maildir(this.#user), 'cur'))
  }

  #next(): string {
    this.#made += 1
    return String(this.#made)
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }
}

async function expunge(client: ImapClient, uid: number): Promise<void> {
  await client.must(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
  await client.must(`UID EXPUNGE ${uid}`)
}
