/**
 * Which addresses somebody may send as.
 *
 * By users/senders, for a login or for the name of a user of this host. Whoever has no line there may send as the
 * addresses whose mail comes to them.
 */
import { readFileSync, statSync } from 'node:fs'
import { asciiDomain, lowerCase, splitAddress } from '@yabumi/address'
import { keepUntilChanged, readLineOrMe } from '@yabumi/control'
import { systemAccount } from '@yabumi/home'
import { readLocals, readRewriting, readVirtualDomains, rewrite } from '@yabumi/routing'
import { errorText, Trouble } from '@yabumi/trouble'
import { mailboxUser, type User, type Users } from '@yabumi/users'

const path = 'users/senders'
const files = ['me', 'locals', 'virtualdomains', 'envnoathost', 'percenthack', 'defaulthost'] as const

type Patterns = ReadonlyMap<string, readonly string[]>

/** What somebody may send as. */
export interface MaySend {
  /** The first address that is somebody else's; undefined if all are right. */
  readonly foreign: string | undefined
  /** What the login is written as where nothing else is said. */
  readonly own: string
}

export class Senders {
  readonly #users: Users
  readonly #log: (line: string) => void
  readonly #control = keepUntilChanged(files, () => ({
    routing: { locals: readLocals(), virtualDomains: readVirtualDomains() },
    rewriting: readRewriting(),
    host: readLineOrMe('defaulthost') ?? '',
  }))
  #stamp = ''
  #patterns: Patterns | undefined

  /** The working directory is the home, whenever something is asked. @param log - told of a line that is none */
  constructor(users: Users, log: (line: string) => void) {
    this.#users = users
    this.#log = log
  }

  /** @param addresses - byte strings. @throws Trouble if that cannot be said now */
  async answer(login: string, addresses: readonly string[]): Promise<MaySend> {
    const base = withoutApp(login)
    const patterns = this.#read().get(lowerCase(base))
    const own =
      patterns?.find((pattern) => /^[^@.*][^@*]*@/.test(pattern)) ?? (base.includes('@') ? base : `${base}@${this.#control().host}`)
    const mailbox = patterns === undefined ? await mailboxUser(base, this.#users) : undefined
    for (const address of addresses) {
      if (patterns === undefined) {
        const user = mailbox === undefined ? undefined : await this.#userOf(address)
        if (user === undefined || mailbox === undefined || !isSame(user, mailbox)) return { foreign: address, own }
      } else if (!patterns.some((pattern) => fits(address, pattern))) return { foreign: address, own }
    }
    return { foreign: undefined, own }
  }

  /** Whether a user of this host may send as an address. @throws Trouble if that cannot be said now */
  async isOwn(uid: number, address: string): Promise<boolean> {
    const table = this.#read()
    const name = table.size === 0 ? undefined : systemAccount(uid)?.name
    const patterns = name === undefined ? undefined : table.get(lowerCase(name))
    if (patterns !== undefined) return patterns.some((pattern) => fits(address, pattern))
    return (await this.#userOf(address))?.uid === uid
  }

  /** Who gets the mail for an address; undefined where that is nobody here. */
  async #userOf(address: string): Promise<User | undefined> {
    const { routing, rewriting } = this.#control()
    const { local, domain = '' } = splitAddress(address)
    const { channel, address: rewritten } = rewrite(`${local}@${inAscii(domain)}`, rewriting, routing)
    return channel === 'remote' || local === '' ? undefined : this.#users.find(splitAddress(rewritten).local)
  }

  /** A line that is none leaves the last good reading, and without one nobody can be told anything. @throws Trouble 4.3.5 */
  #read(): Patterns {
    const stats = statSync(path, { throwIfNoEntry: false })
    const stamp = stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
    if (stamp !== this.#stamp || this.#patterns === undefined) {
      try {
        this.#patterns = stats === undefined ? new Map() : patternsIn(readFileSync(path, 'latin1'))
      } catch (error) {
        this.#log(`${errorText(error)}${this.#patterns === undefined ? '' : '; the last good reading still counts'}`)
        if (this.#patterns === undefined) throw error
      }
      this.#stamp = stamp
    }
    return this.#patterns
  }
}

/** An app password's login is `LOGIN/APP`. */
function withoutApp(login: string): string {
  return login.split('/', 1)[0] ?? ''
}

function isSame(user: User, mailbox: User): boolean {
  return user.uid === mailbox.uid && user.user === mailbox.user && user.home === mailbox.home
}

/** `LOGIN:ADDRESS` lines, ADDRESS a whole one, `@domain`, `.domain` (each domain below it) or `name-*@domain`. @throws Trouble 4.3.5 */
function patternsIn(text: string): Patterns {
  const patterns = new Map<string, string[]>()
  for (const [index, line] of text.split('\n').entries()) {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) continue
    const [, login = '', pattern] = /^([^:\s]+):(@[^@*\s]+|\.[^@*\s]+|[^@*\s]+@[^@*\s]+|[^@*\s]+\*@[^@*\s]+)$/.exec(entry) ?? []
    if (pattern === undefined) throw new Trouble('4.3.5', `${path}:${index + 1}: not LOGIN:ADDRESS`)
    const of = lowerCase(login)
    patterns.set(of, [...(patterns.get(of) ?? []), pattern])
  }
  return patterns
}

function fits(address: string, allowed: string): boolean {
  const [known, pattern] = [normal(address), normal(allowed)]
  if (pattern.startsWith('@')) return known.endsWith(pattern) && known.indexOf('@') === known.length - pattern.length
  if (pattern.startsWith('.')) return known.includes('@') && (splitAddress(known).domain ?? '').endsWith(pattern)
  const star = pattern.indexOf('*@')
  if (star < 0) return known === pattern
  const { local, domain } = splitAddress(known)
  return local.startsWith(pattern.slice(0, star)) && domain === pattern.slice(star + 2)
}

/** Case does not count, nor how a domain with other letters than ASCII's is written. */
function normal(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? lowerCase(address) : `${lowerCase(address.slice(0, at))}@${inAscii(address.slice(at + 1))}`
}

function inAscii(domain: string): string {
  return asciiDomain(domain) ?? lowerCase(domain)
}
