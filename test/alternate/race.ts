/**
 * Two servers, `local`, a stranger who delivers, and mutt work on one Maildir at the same time. What a session was told
 * of its messages must be what everybody sees at the end.
 */
import { setTimeout as later } from 'node:timers/promises'
import type { Random } from '../crash-explorer/random.ts'
import { find } from '../support/programs.ts'
import { deliverByLocal, readWithMutt, removable } from './others.ts'
import { differences, type MailboxView, select, viewOf } from './view.ts'
import { messageOf, type Side, type World } from './world.ts'

const appenders = 4 // of each server
const flags = ['', '\\Seen', '\\Flagged', 'work', 'Later \\Answered']
const deliveryMilliseconds = 20

export interface Raced {
  /** A text for each thing that was wrong. */
  readonly bad: readonly string[]
  /** So many messages were there at the end, appended ones and delivered ones. */
  readonly messages: number
  /** So many messages have got another UID from Dovecot, which missed their files in a directory that others changed: its log says so. */
  readonly renumbered: number
  /** So often mutt has read the mailbox; 0 where it is not on this machine. */
  readonly reads: number
}

export class Race {
  readonly #world: World
  readonly #user: string
  readonly #random: Random
  readonly #goOn: (made: number) => boolean
  /** UID by message, as APPENDUID had it. */
  readonly #told = new Map<string, number>()
  readonly #delivered: string[] = []
  /** What mutt removes if it finds it. */
  readonly #removable = new Set<string>()
  readonly #bad: string[] = []
  #made = 0
  #reads = 0

  /** @param goOn - asked before each message, with the number of those made so far */
  constructor(world: World, user: string, random: Random, goOn: (made: number) => boolean) {
    this.#world = world
    this.#user = user
    this.#random = random
    this.#goOn = goOn
  }

  async run(): Promise<Raced> {
    const { sides } = this.#world
    const append = sides.flatMap((side) => Array.from({ length: appenders }, () => this.#append(side)))
    const change = sides.flatMap((side) => [this.#changeFlags(side), this.#lookAnew(side)])
    await Promise.all([...append, ...change, this.#deliver(), this.#deliverByLocal(), this.#read()])
    const views: MailboxView[] = []
    for (const side of sides) {
      const client = await this.#world.logIn(side, this.#user)
      views.push(await viewOf(client, await select(client, 'INBOX')))
      client.close()
    }
    const names = sides.map(({ name }) => name) as [string, string]
    this.#bad.push(...differences('INBOX', views as [MailboxView, MailboxView], names))
    const [{ uids }] = views as [MailboxView]
    const renumbered = this.#world.renumberedByDovecot()
    for (const [id, uid] of this.#told)
      if (uids.get(id) !== uid && !renumbered.has(uid)) this.#bad.push(`${id}: UID ${uid} was told, ${uids.get(id)} is seen`)
    for (const id of this.#delivered) if (!uids.has(id)) this.#bad.push(`${id} was delivered, and is not there`)
    const others = [...uids.keys()].filter((id) => !this.#told.has(id) && !this.#delivered.includes(id) && !this.#removable.has(id))
    if (others.length > 0) this.#bad.push(`nobody made ${others.join(', ')}`)
    if (new Set(uids.values()).size !== uids.size) this.#bad.push('a UID is there twice')
    return { bad: this.#bad, messages: uids.size, renumbered: renumbered.size, reads: this.#reads }
  }

  async #append(side: Side): Promise<void> {
    const client = await this.#world.logIn(side, this.#user)
    while (this.#goOn(this.#made)) {
      this.#made += 1
      const id = `appended-${this.#made}`
      const append = async (): Promise<unknown> =>
        this.#told.set(id, await client.append('INBOX', messageOf(id, '\r\n'), this.#pick(flags)))
      if (!(await this.#try(`${id} by ${side.name}`, append))) break
    }
    client.close()
  }

  async #deliver(): Promise<void> {
    while (this.#goOn(this.#made)) {
      this.#made += 1
      const id = `delivered-${this.#made}`
      this.#delivered.push(id)
      this.#world.deliver(this.#user, `${1_700_000_000 + this.#made}.M${this.#made}P1.race`, messageOf(id, '\n'))
      await later(deliveryMilliseconds)
    }
  }

  async #deliverByLocal(): Promise<void> {
    while (this.#goOn(this.#made)) {
      this.#made += 1
      const goes = this.#random() < 0.5
      const id = `local-${this.#made}`
      const message = messageOf(id, '\n')
      const whole = goes ? message.replace('Subject: ', `Subject: ${removable} `) : message
      if (!(await this.#try(id, () => deliverByLocal(this.#world, this.#user, whole)))) break
      if (goes) this.#removable.add(id)
      else this.#delivered.push(id)
    }
  }

  async #read(): Promise<void> {
    if (find('mutt') === undefined || find('script') === undefined) return
    while (this.#goOn(this.#made)) {
      if (!(await this.#try('mutt', () => readWithMutt(this.#world, this.#user)))) break
      this.#reads += 1
    }
  }

  async #try(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      this.#bad.push(`${what}: ${error instanceof Error ? error.message : error}`)
      return false
    }
  }

  /** A session that stays, and gives flags and keywords to what it sees. */
  async #changeFlags(side: Side): Promise<void> {
    const client = await this.#world.logIn(side, this.#user)
    await select(client, 'INBOX')
    while (this.#goOn(this.#made)) {
      const uids = await client.search('ALL')
      if (uids.length > 0) await client.must(`UID STORE ${this.#pick(uids)} ${this.#pick(['+', '-'])}FLAGS (\\Flagged race)`)
      await client.must('NOOP')
    }
    client.close()
  }

  /** One session after the other, each of which moves mail out of new/. */
  async #lookAnew(side: Side): Promise<void> {
    while (this.#goOn(this.#made)) {
      const client = await this.#world.logIn(side, this.#user)
      await select(client, 'INBOX')
      await client.must('UID FETCH 1:* FLAGS')
      client.close()
      await later(deliveryMilliseconds)
    }
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }
}
