/**
 * The processes that look into homes: so many at once, one a home. What waits for a home is looked for by the next one
 * together.
 *
 * A home may lie on a file system that does not answer. A process that is in it for too long is killed, in vain where
 * the kernel waits. It counts as hanging until it has ended. Nobody looks into that home meanwhile, nor for a good
 * while.
 */
import type { ChildProcess } from 'node:child_process'
import type { Request } from '@yabumi/dotfile'
import type { Verdict } from '@yabumi/recipientprotocol'
import { Trouble } from '@yabumi/trouble'
import { SilentHome, type User } from '@yabumi/users'
import { begun, verdictOf } from './lookasuser.ts'

export interface LookLimits {
  /** Processes at once, those aside that hang; and these. */
  readonly looks: number
  readonly hanging: number
  /** Seconds for a process until it begins to look, and then to its end. */
  readonly startSeconds: number
  readonly lookSeconds: number
  /** Seconds for which nobody looks into a home that did not answer. */
  readonly silentSeconds: number
}

/** Starts a process that looks into a user's home; it will have its descriptors 0 and 1 as pipes. */
export type StartLook = (user: User, groups: readonly number[]) => ChildProcess

interface Wish {
  readonly user: User
  readonly groups: readonly number[]
  readonly request: Request
  /** When nobody waits for it any more. */
  readonly until: number
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: Trouble) => void
}

export class Looks {
  readonly #start: StartLook
  readonly #log: (line: string) => void
  readonly #limits: LookLimits
  readonly #now: () => number
  /** By home. Whose turn it is comes first. */
  readonly #waiting = new Map<string, Wish[]>()
  /** The home that each process is in. */
  readonly #running = new Map<ChildProcess, string>()
  readonly #hanging = new Map<ChildProcess, string>()
  readonly #silentUntil = new Map<string, number>()

  /** @param log - is told which home is silent; @param now - monotonic, in milliseconds */
  constructor(start: StartLook, log: (line: string) => void, limits: LookLimits, now: () => number = () => performance.now()) {
    this.#start = start
    this.#log = log
    this.#limits = limits
    this.#now = now
  }

  /** Processes that there are now: those that look, and those that hang. */
  get sizes(): readonly [running: number, hanging: number] {
    return [this.#running.size, this.#hanging.size]
  }

  /**
   * Look, when it is the home's turn.
   *
   * @param until - when nobody waits for it any more; monotonic, in milliseconds
   * @throws Trouble 4.3.0 if there is no answer; SilentHome if the home gives none
   */
  look(user: User, groups: readonly number[], request: Request, until: number): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      const wishes = this.#waiting.get(user.home) ?? []
      wishes.push({ user, groups, request, until, resolve, reject })
      this.#waiting.set(user.home, wishes)
      this.#begin()
    })
  }

  /** End all of them. */
  end(): void {
    for (const child of [...this.#running.keys(), ...this.#hanging.keys()]) child.kill('SIGKILL')
  }

  #begin(): void {
    for (const [home, wishes] of this.#waiting) {
      if (this.#isSilent(home)) this.#refuse(home, new SilentHome(home))
      else if (this.#hanging.size >= this.#limits.hanging) this.#refuse(home, trouble('too many looks into homes hang'))
      else if (this.#running.size < this.#limits.looks && ![...this.#running.values()].includes(home)) this.#startFor(home, wishes)
    }
  }

  #refuse(home: string, error: Trouble): void {
    const wishes = this.#waiting.get(home) ?? []
    this.#waiting.delete(home)
    for (const { reject } of wishes) reject(error)
  }

  /** One process for all wishes of the first one's user; where two users have a home in common, the other's turn comes after. */
  #startFor(home: string, wishes: readonly Wish[]): void {
    this.#waiting.delete(home)
    const now = this.#now()
    for (const { reject } of wishes.filter(({ until }) => until <= now)) reject(trouble('too many homes are to be looked into'))
    const [first, ...others] = wishes.filter(({ until }) => until > now)
    if (first === undefined) return
    const isSame = ({ user }: Wish): boolean => user.uid === first.user.uid && user.gid === first.user.gid && user.user === first.user.user
    const rest = others.filter((wish) => !isSame(wish))
    if (rest.length > 0) this.#waiting.set(home, rest)
    this.#run(home, [first, ...others.filter(isSame)])
  }

  #run(home: string, wishes: readonly Wish[]): void {
    const [first] = wishes as [Wish]
    let child: ChildProcess
    try {
      child = this.#start(first.user, first.groups)
    } catch (cause) {
      for (const { reject } of wishes) reject(trouble('unable to start a look into a home', cause))
      return
    }
    this.#running.set(child, home)
    const owed = [...wishes]
    const fail = (error: Trouble): void => {
      for (const { reject } of owed.splice(0)) reject(error)
    }
    const giveUp = (isInHome: boolean): void => {
      child.kill('SIGKILL')
      this.#running.delete(child)
      this.#hanging.set(child, home)
      if (isInHome) this.#callSilent(home)
      fail(isInHome ? new SilentHome(home) : trouble('a look into a home does not begin'))
      this.#begin()
    }
    let timer = setTimeout(() => giveUp(false), 1000 * this.#limits.startSeconds)
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      for (const letter of text) {
        const verdict = verdictOf(letter)
        if (verdict !== undefined) owed.shift()?.resolve(verdict)
        if (letter !== begun || !this.#running.has(child)) continue
        clearTimeout(timer)
        timer = setTimeout(() => giveUp(true), 1000 * this.#limits.lookSeconds)
      }
    })
    const over = (): void => {
      clearTimeout(timer)
      this.#running.delete(child)
      this.#hanging.delete(child)
      fail(trouble('a look into a home ended early'))
      this.#begin()
    }
    child.on('error', over).on('close', over)
    child.stdin?.on('error', () => {}) // how it ends says what that means
    child.stdin?.end(JSON.stringify(wishes.map(({ request }) => request)), 'latin1')
  }

  #isSilent(home: string): boolean {
    return (this.#silentUntil.get(home) ?? 0) > this.#now() || [...this.#hanging.values()].includes(home)
  }

  #callSilent(home: string): void {
    const now = this.#now()
    for (const [other, until] of this.#silentUntil) if (until <= now) this.#silentUntil.delete(other)
    this.#silentUntil.set(home, now + 1000 * this.#limits.silentSeconds)
    this.#log(
      `home ${home} has not answered for ${this.#limits.lookSeconds} s: its mail is taken without a look for ${this.#limits.silentSeconds} s`,
    )
  }
}

function trouble(text: string, cause?: unknown): Trouble {
  return new Trouble('4.3.0', text, { cause })
}
