/**
 * What is wrong with one message: which of its files are there together, whose they are, and what is in them (spec
 * §1.2, §1.3, §1.7). The working directory is queue/, and root acts as the account of send, which may look at all but
 * intd/.
 *
 * What is not settled is not looked into: intd/ while there is no todo/, info/ and the channels while there is one.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { ossifiedSeconds } from '@yabumi/limits'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import type { EnvelopeOf } from './envelopes.ts'
import type { Finding, Kind } from './finding.ts'
import { type Accounts, octal } from './places.ts'
import { letter, readLetters } from './records.ts'

export const directories = ['mess', 'intd', 'todo', 'info', 'local', 'remote', 'bounce'] as const
export type Directory = (typeof directories)[number]

/** Which of a message's files exist. */
export type Presence = Readonly<Record<Directory, boolean>>

/** As in the table of states; `?` for what no state allows. */
export type State = 'S2' | 'S3' | 'S4' | 'S5' | '?'

/** What the looks at all messages share. */
export interface Shared {
  readonly accounts: Accounts
  /** Seconds since 1970. */
  readonly now: number
}

const messMode = 0o644
const sendMode = 0o600
const permissions = 0o777
const noFollow = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
/** A link, a FIFO; or a file with a wrong owner or mode, where root looks as the account whose it should be. */
const asOther = new Set(['ELOOP', 'ENXIO', 'EACCES'])
const [letterF, letterT, letterD] = [letter('F'), letter('T'), letter('D')]
const envelopeLetters = new Set(['u', 'p', 'F', 'T'].map(letter))

export function stateOf({ mess, intd, todo, info, local, remote, bounce }: Presence): State {
  if (!mess) return '?'
  if (todo) return bounce ? '?' : 'S4'
  if (info) return intd ? '?' : 'S5'
  if (local || remote || bounce) return '?'
  return intd ? 'S3' : 'S2'
}

/** Which files of a message exist now. */
export function presenceOf(id: MessageId, envelopeOf: EnvelopeOf): Presence {
  const exists = (directory: Directory): boolean =>
    directory === 'intd' ? envelopeOf(id) !== undefined : lstatSync(queuePath(directory, id), { throwIfNoEntry: false }) !== undefined
  const [mess, intd, todo, info, local, remote, bounce] = directories.map(exists) as [
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
  ]
  return { mess, intd, todo, info, local, remote, bounce }
}

/** All that is wrong with a message. */
export function checkMessage(id: MessageId, present: Presence, envelopeOf: EnvelopeOf, shared: Shared): Finding[] {
  return new Check(id, present, envelopeOf, shared).run()
}

class Check {
  readonly #id: MessageId
  readonly #present: Presence
  readonly #envelopeOf: EnvelopeOf
  readonly #accounts: Accounts
  readonly #now: number
  readonly #findings: Finding[] = []

  constructor(id: MessageId, present: Presence, envelopeOf: EnvelopeOf, { accounts, now }: Shared) {
    this.#id = id
    this.#present = present
    this.#envelopeOf = envelopeOf
    this.#accounts = accounts
    this.#now = now
  }

  run(): Finding[] {
    const { mess, intd, todo, info } = this.#present
    this.#together()
    const message = mess ? this.#attributes('mess') : undefined
    if (message !== undefined && String(message.ino) !== this.#id && inodeOf(this.#id) !== this.#id) {
      this.#find('wrong-number', 'mess', `its inode number is ${inodeOf(this.#id)}`)
    }
    if (mess && !todo && !info) this.#left(message, intd)
    if (todo) this.#envelope()
    else this.#preprocessed()
    return this.#findings
  }

  /** Files that must not be there with, or without, each other. */
  #together(): void {
    const { mess, intd, todo, info, local, remote, bounce } = this.#present
    if (todo && !mess) this.#find('todo-without-message', 'todo', 'an accepted envelope whose message is gone')
    if (info && !mess) this.#find('info-without-message', 'info', 'a message with recipients, whose text is gone')
    if (intd && info && !todo) this.#find('envelope-left', 'intd', 'the message is preprocessed')
    if (intd && !info && !todo && !mess) this.#find('envelope-without-message', 'intd', 'never accepted, and the message is gone')
    if (bounce && todo) this.#find('bounce-without-info', 'bounce', 'the message has not been tried yet')
    if (todo || info) return
    if (local) this.#find('channel-without-info', 'local', 'recipients of a message whose sender is gone')
    if (remote) this.#find('channel-without-info', 'remote', 'recipients of a message whose sender is gone')
    if (bounce) this.#find('bounce-without-info', 'bounce', 'failures of a message whose sender is gone')
  }

  /** What a crash has left, and send's sweep has not removed though it could have. */
  #left(message: Stats | undefined, hasEnvelope: boolean): void {
    if (message === undefined || this.#present.local || this.#present.remote) return
    const idle = this.#now - Math.floor(message.atimeMs / 1000)
    if (idle <= ossifiedSeconds) return
    this.#find('message-left', 'mess', `never accepted, or finished, and untouched for ${Math.floor(idle / 3600)} hours`)
    if (hasEnvelope) this.#find('envelope-left', 'intd', 'never accepted')
  }

  #envelope(): void {
    const todo = this.#look('todo', (fd) => {
      const { letters, whole } = readLetters(fd)
      const unknown = [...letters].find((code) => !envelopeLetters.has(code))
      if (!whole) return ['bad-envelope', 'the last record is cut short']
      if (unknown !== undefined) return ['bad-envelope', `a record of unknown type ${unknown}`]
      return letters.has(letterF) ? undefined : ['bad-envelope', 'no sender']
    })
    const intd = this.#envelopeOf(this.#id)
    if (todo !== undefined && intd !== undefined && intd !== todo.ino)
      this.#find('envelope-differs', 'intd', 'not the same file as in todo')
  }

  #preprocessed(): void {
    const { info, local, remote, bounce } = this.#present
    if (info) {
      this.#look('info', (fd) => {
        const { letters, whole } = readLetters(fd)
        return letters.values().next().value === letterF && whole ? undefined : ['bad-info', 'does not begin with a whole sender record']
      })
    }
    for (const channel of ['local', 'remote'] as const) {
      if (!(channel === 'local' ? local : remote)) continue
      this.#look(channel, (fd) => {
        const { letters, whole } = readLetters(fd)
        if (!whole) return ['bad-recipients', 'the last record is cut short']
        const bad = [...letters].some((code) => code !== letterT && code !== letterD)
        return bad ? ['bad-recipients', 'a record that is neither to do nor done'] : undefined
      })
    }
    if (bounce) this.#attributes('bounce')
  }

  /** Look at a file's attributes and into it. @returns undefined if it has gone, or is none to look into */
  #look(directory: Directory, problem: (fd: number) => readonly [Kind, string] | undefined): Stats | undefined {
    let fd: number
    try {
      fd = openSync(queuePath(directory, this.#id), noFollow)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      if (asOther.has(errnoOf(error) ?? '')) return this.#attributes(directory)
      throw error
    }
    try {
      const stats = fstatSync(fd)
      if (!this.#judge(directory, stats)) return undefined
      const found = problem(fd)
      if (found !== undefined) this.#find(found[0], directory, found[1])
      return stats
    } finally {
      closeSync(fd)
    }
  }

  #attributes(directory: Directory): Stats | undefined {
    const stats = lstatSync(queuePath(directory, this.#id), { throwIfNoEntry: false })
    return stats !== undefined && this.#judge(directory, stats) ? stats : undefined
  }

  /** @returns whether it is a regular file */
  #judge(directory: Directory, stats: Stats): boolean {
    if (!stats.isFile()) {
      this.#find('wrong-type', directory, 'not a regular file')
      return false
    }
    const ofQueue = directory === 'mess' || directory === 'todo' || directory === 'intd'
    const { uid } = ofQueue ? this.#accounts.queue : this.#accounts.send
    const right = ofQueue ? messMode : sendMode
    const mode = stats.mode & permissions
    if (stats.uid !== uid) this.#find('wrong-owner', directory, `belongs to uid ${stats.uid}, not ${uid}`)
    if (mode !== right) this.#find('wrong-mode', directory, `mode ${octal(mode)}, not ${octal(right)}`)
    return true
  }

  #find(kind: Kind, directory: Directory, text: string): void {
    this.#findings.push({ kind, path: queuePath(directory, this.#id), id: this.#id, text })
  }
}

/** The inode number, exactly: it may exceed what a number holds. */
export function inodeOf(id: MessageId): string {
  const stats = lstatSync(queuePath('mess', id), { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? id : String(stats.ino)
}
