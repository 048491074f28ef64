/** Where mail for an address would go, by control/ and the tables of users. */
import { lowerCase, splitAddress } from '@yabumi/address'
import { byteEnvironment } from '@yabumi/commandline'
import { keepUntilChanged } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import type { Request } from '@yabumi/dotfile'
import { isOurs } from '@yabumi/home'
import { readLocals, readRewriting, readVirtualDomains, rewrite, withoutPercents } from '@yabumi/routing'
import { readSrs, unpackAddress } from '@yabumi/srs'
import type { User, Users } from '@yabumi/users'
import { type Answer, known, uncertain } from './answer.ts'

/** Looks into the home of a user, with the user's rights. @throws Trouble if that cannot be done now */
export type Look = (user: User, request: Request) => Answer | Promise<Answer>

const files = ['me', 'locals', 'virtualdomains', 'envnoathost', 'percenthack'] as const
/** Every domain must have them (RFC 5321 §4.5.1, RFC 2142). */
const everybodys = new Set(['postmaster', 'abuse'])

export class Recipients {
  readonly #users: Users
  readonly #look: Look
  readonly #foreign: () => string | undefined
  readonly #control = keepUntilChanged(files, () => ({
    routing: { locals: readLocals(), virtualDomains: readVirtualDomains() },
    rewriting: readRewriting(),
  }))

  /**
   * The working directory is the home, whenever something is asked.
   *
   * @param foreign - says what delivers here in place of our programs, if something does: what that would do nobody can tell
   */
  constructor(users: Users, look: Look, foreign: () => string | undefined = foreignDelivery) {
    this.#users = users
    this.#look = look
    this.#foreign = foreign
  }

  /** @param recipient - as smtpd would queue it. @throws Trouble if that cannot be said now */
  async answer(recipient: string): Promise<Answer> {
    const { routing, rewriting } = this.#control()
    const { address } = withoutPercents(recipient, rewriting)
    const spared = sparedAs(address)
    if (spared !== undefined) return known(spared)
    const destination = rewrite(recipient, rewriting, routing)
    if (destination.channel === 'remote') return known('its mail goes to another host')
    const foreign = this.#foreign()
    if (foreign !== undefined) return uncertain(foreign)
    const { local, domain = '' } = splitAddress(destination.address)
    if (local === '') return uncertain('it names nobody')
    const user = await this.#users.find(local)
    if (user.uid === 0) return uncertain('nothing is delivered as root')
    if (user.dash === '') return known(`it is ${user.user}'s`)
    return this.#look(user, { ...user, local, domain, sender: '', defaultDelivery: '' })
  }
}

/** Addresses that nobody is asked for. */
function sparedAs(address: string): string | undefined {
  const { local, domain = '' } = splitAddress(address)
  if (everybodys.has(lowerCase(local))) return 'every domain has it'
  if (!/^SRS[01][-+=]/i.test(local)) return undefined
  const srs = readSrs('.')
  if (srs === undefined || lowerCase(srs.domain) !== lowerCase(domain)) return undefined
  try {
    unpackAddress(local, srs, nowSeconds())
    return 'SRS has made it here'
  } catch {
    return undefined // it is an address like any other
  }
}

function foreignDelivery(): string | undefined {
  if (byteEnvironment().has('QMAILLOCAL')) return 'QMAILLOCAL delivers, and not our local'
  return isOurs('bin/lspawn', 'lspawn') ? undefined : 'the lspawn in bin/ is not ours'
}
