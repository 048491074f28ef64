/**
 * Who gets local mail for an address, and what their dotfiles say is done with it. Nothing is delivered or changed.
 *
 * Dotfiles are read with the rights of the user whose they are: by root, who takes them for the time, or by that user.
 */
import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { splitAddress } from '@yabumi/address'
import {
  candidates,
  enterUserHome,
  Failure,
  homeIsSticky,
  type Instruction,
  mayMake,
  newSender,
  obeyed,
  type Request,
  readDefaultDelivery,
  readPatrn,
  recipientOf,
  type UserHome,
  upToNul,
} from '@yabumi/dotfile'
import { asAccount, hasAccounts, isOneUsers, partOwners } from '@yabumi/home'
import { maildirProblem } from '@yabumi/maildir'
import { mboxProblem } from '@yabumi/mbox'
import { AssignedUsers, type User, Users } from '@yabumi/users'
import { aliasNote } from './aliasnote.ts'
import { wayOf } from './way.ts'

export interface Step {
  /** In the .qmail file, from 1; null elsewhere. */
  readonly line: number | null
  readonly kind: Instruction['kind']
  readonly text: string
  /** What follows from it, where that can be seen. */
  readonly note: string | undefined
}

export interface LocalWay {
  readonly user: User | undefined
  /** Where the user was found. */
  readonly source: 'users/cdb' | 'account' | 'alias' | 'nobody'
  /** The dotfiles that were looked for, in order, up to the one that is there. */
  readonly tried: readonly { readonly name: string; readonly found: boolean }[]
  /** The file that counts, or `.forward`, or the default delivery. */
  readonly file: string | undefined
  readonly steps: readonly Step[]
  /** Mail that is forwarded comes from this sender, if not from its own. */
  readonly forwardsAs: string | undefined
  /** Why the delivery ends here: what local would say. */
  readonly failure: string | undefined
  readonly notes: readonly string[]
}

const none = { user: undefined, tried: [], file: undefined, steps: [], forwardsAs: undefined, failure: undefined, notes: [] } as const

/** @param address - as the local channel knows it */
export async function explainLocal(address: string): Promise<LocalWay> {
  const { local, domain = '' } = splitAddress(address)
  if (local === '') return { ...none, source: 'nobody', failure: 'bounced: No address. (#5.1.3)' }
  let found: { user: User; source: LocalWay['source'] }
  try {
    found = await findUser(local)
  } catch (error) {
    return { ...none, source: 'nobody', failure: `deferred: ${(error as Error).message}` }
  }
  const { user, source } = found
  if (user.uid === 0) return { ...none, user, source, failure: 'deferred: Not allowed to perform deliveries as root.' }
  const runner = onlyRunner()
  if (runner !== undefined && runner !== user.uid) {
    const failure = `deferred: Mail for ${user.user} (uid ${user.uid}) can be delivered only by an lspawn that runs as root; here it runs as uid ${runner}.`
    return { ...none, user, source, failure }
  }
  if (!mayActAs(user)) {
    return {
      ...none,
      user,
      source,
      notes: [`what the files of ${user.user} say is shown to ${user.user} and to root, and you are uid ${process.geteuid?.()}`],
    }
  }
  const defaultDelivery = readDefaultDelivery()
  const request: Request = { ...user, local, domain, sender: 'sender@example.org', defaultDelivery }
  return { ...none, user, source, ...asUser(user, () => new Obedience(request).explain()) }
}

/** The user as whom lspawn runs where everything in the home is one user's; undefined where it becomes the user of each message. */
function onlyRunner(): number | undefined {
  if (hasAccounts('.')) return undefined
  try {
    const owners = partOwners('.')
    return isOneUsers(owners) ? owners.get('queue')?.uid || undefined : undefined
  } catch {
    return undefined // not ours to see: then it is not the home of whoever asks
  }
}

async function findUser(local: string): Promise<{ user: User; source: LocalWay['source'] }> {
  const assigned = new AssignedUsers(resolve('users/cdb')).find(local)
  if (assigned !== undefined) return { user: assigned, source: 'users/cdb' }
  const user = await new Users('.').findAccount(local)
  return { user, source: user.home === resolve('alias') ? 'alias' : 'account' }
}

/** Whether this is the user, or root. */
export function mayActAs({ uid }: User): boolean {
  return [0, uid].includes(process.geteuid?.() ?? 0)
}

/** Do something with the rights of a user, in any directory; then be oneself again, where one was. */
export function asUser<T>(user: User, work: () => T): T {
  const home = process.cwd()
  try {
    return asAccount({ ...user, groups: [] }, work)
  } finally {
    process.chdir(home)
  }
}

type Found = Pick<LocalWay, 'tried' | 'file' | 'steps' | 'forwardsAs' | 'failure' | 'notes'>

/** What local does with a message, without doing it. */
class Obedience {
  readonly #request: Request
  readonly #steps: Step[] = []
  readonly #notes: string[] = []
  #home: UserHome = { isSticky: false, isOwn: false, manner: 'descriptors' }
  #file: string | undefined
  #tried: LocalWay['tried'] = []
  #matched: string | undefined

  constructor(request: Request) {
    this.#request = request
  }

  explain(): Found {
    let failure: string | undefined
    let forwardsAs: string | undefined
    try {
      this.#notePatrn()
      this.#home = enterUserHome(this.#request)
      if (this.#home.manner === 'confined') this.#notes.push(sharedNote)
      if (this.#home.isSticky) failure = `deferred: ${homeIsSticky().message}`
      for (const instruction of this.#instructions()) this.#steps.push(this.#stepOf(instruction))
      const sender = newSender(this.#request)
      if (sender !== this.#request.sender) forwardsAs = sender
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failure = `${error.exit === 100 ? 'bounced' : 'deferred'}: ${error.message}`
    }
    return { tried: this.#tried, file: this.#file, steps: this.#steps, forwardsAs, failure, notes: this.#notes }
  }

  #notePatrn(): void {
    const { rule, problem } = readPatrn()
    if (problem !== undefined) this.#notes.push(`${problem} forbids homes and dotfiles that a group may write`)
    else if (rule !== 'private group') this.#notes.push(`control/patrn: homes and dotfiles may be written by ${rule}`)
  }

  #instructions(): Iterable<Instruction> {
    const request = this.#request
    const names = [...candidates(request)].map(({ name }) => name)
    this.#tried = names.map((name) => ({ name, found: false }))
    const { file, name, instructions } = obeyed(request)
    if (file !== undefined) {
      const at = names.indexOf(name)
      this.#tried = names.slice(0, at + 1).map((name, index) => ({ name, found: index === at }))
      this.#matched = file.matched
      if (file.text === '') this.#notes.push('the file is empty, which means the default delivery')
    }
    this.#file = name
    return instructions
  }

  #stepOf(instruction: Instruction): Step {
    const { line, kind, text } = instruction
    const name = upToNul(text)
    const isToCome = mayMake(instruction, this.#home) && isAbsent(name)
    const note = isToCome
      ? 'is not there yet: the first delivery makes it'
      : kind === 'program'
        ? this.#noteOnProgram(name)
        : noteOn(kind, name, this.#home)
    return { line: line ?? null, kind, text: name, note }
  }

  #noteOnProgram(command: string): string | undefined {
    const { domain: host, extension } = this.#request
    return aliasNote(command, { recipient: recipientOf(this.#request), host, extension, matched: this.#matched })
  }
}

const sharedNote =
  'the account is that of other mailboxes as well (control/sharedaccounts): no program is run here, and nothing outside the home is opened'

function isAbsent(maildir: string): boolean {
  return lstatSync(Buffer.from(maildir.slice(0, -1), 'latin1'), { throwIfNoEntry: false }) === undefined
}

/** A relative name is one in the home, which is the working directory. */
function noteOn(kind: Instruction['kind'], name: string, { manner }: UserHome): string | undefined {
  const problem = kind === 'maildir' ? maildirProblem(name, manner) : kind === 'mbox' ? mboxProblem(name, manner) : undefined
  return problem === undefined ? undefined : `the delivery would be deferred: ${problem}`
}

/** Where a forward goes next; the home's directory must be the working directory. */
export function withDestinations(steps: readonly Step[]): Step[] {
  return steps.map((step) => {
    if (step.kind !== 'forward') return step
    const { channel, address } = wayOf(step.text)
    return { ...step, note: `${channel}, as ${address}` }
  })
}
