/** The names that a mailbox may have. */
import { Trouble } from '@yabumi/trouble'

/** A mailbox by its address, in lower case. */
export interface Name {
  readonly localPart: string
  readonly domain: string
}

const localPartSyntax = /^[a-z0-9_+][a-z0-9._+-]{0,63}$/
const domainSyntax = /^(?=.{1,253}$)[a-z0-9_+][a-z0-9_+-]*(?:\.[a-z0-9_+][a-z0-9_+-]*)+$/
const appSyntax = /^[a-z0-9_+][a-z0-9._+-]{0,63}$/
const longestLogin = 254 // what a password may be stored for

/**
 * @param text - `anna@example.org`, in any case
 * @throws Trouble 5.5.4 for what is none
 */
export function nameOf(text: string): Name {
  const lower = text.toLowerCase()
  const at = lower.lastIndexOf('@')
  const [localPart, domain] = [lower.slice(0, at), lower.slice(at + 1)]
  if (at < 1 || !localPartSyntax.test(localPart) || !domainSyntax.test(domain) || lower.length > longestLogin)
    throw new Trouble(
      '5.5.4',
      `${text} cannot be a mailbox: a name has a-z 0-9 . _ + -, does not begin with . or -, and has 64 at most, as in anna@example.org`,
    )
  return { localPart, domain }
}

export function addressOf({ localPart, domain }: Name): string {
  return `${localPart}@${domain}`
}

/**
 * A login of a mailbox: its address, or that with the name of an app, which has a password of its own.
 *
 * @param text - `anna@example.org` or `anna@example.org/phone`
 * @throws Trouble 5.5.4
 */
export function loginOf(text: string): { readonly name: Name; readonly login: string } {
  const slash = text.indexOf('/')
  const name = nameOf(slash < 0 ? text : text.slice(0, slash))
  if (slash < 0) return { name, login: addressOf(name) }
  const app = text.slice(slash + 1).toLowerCase()
  const login = `${addressOf(name)}/${app}`
  if (!appSyntax.test(app) || login.length > longestLogin)
    throw new Trouble('5.5.4', `${text.slice(slash + 1)} cannot be an app: a-z 0-9 . _ + -, as in ${addressOf(name)}/phone`)
  return { name, login }
}
