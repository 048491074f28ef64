/** What is wanted, from the command line: checked before anything is looked at. */
import { isHostName } from '@yabumi/newhome'
import { Trouble } from '@yabumi/trouble'

export interface Relay {
  readonly host: string
  readonly port: number
  /** The login there, if there is one. */
  readonly user: string | undefined
}

export interface Wish {
  /** Lower-cased. */
  readonly localPart: string
  readonly domain: string
  /** What the host shall be called; undefined: what the home says, else mail.DOMAIN. */
  readonly host: string | undefined
  readonly relay: Relay | undefined
}

/** Names that a mailbox may have (docs/interfaces, mailboxes). */
const localPartSyntax = /^[a-z0-9_+][a-z0-9._+-]{0,63}$/
const submissionPort = 587
const maximumPort = 65_535

/**
 * @param address - `YOU@DOMAIN`
 * @param relay - `HOST` or `HOST:PORT`
 * @throws Trouble 5.5.4 that says what is wrong
 */
export function wishOf(
  address: string,
  options: { host?: string | undefined; relay?: string | undefined; relayUser?: string | undefined },
): Wish {
  const at = address.lastIndexOf('@')
  const [localPart, domain] = [address.slice(0, at).toLowerCase(), address.slice(at + 1).toLowerCase()]
  if (at < 1 || !localPartSyntax.test(localPart))
    throw new Trouble('5.5.4', `${address} is no address for a mailbox; say it as in you@example.org`)
  if (!isFullName(domain)) throw new Trouble('5.5.4', `${domain} is no domain; one beyond ASCII is written in A-labels`)
  if (options.host !== undefined && !isFullName(options.host)) throw new Trouble('5.5.4', `${options.host} is not the full name of a host`)
  if (options.relayUser !== undefined && options.relay === undefined) throw new Trouble('5.5.4', '--relay-user goes with --relay')
  const relay = options.relay === undefined ? undefined : relayOf(options.relay, options.relayUser)
  return { localPart, domain, host: options.host?.toLowerCase(), relay }
}

function relayOf(text: string, user: string | undefined): Relay {
  const [, host = '', digits] = /^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = digits === undefined ? submissionPort : Number(digits)
  if (!isHostName(host) || port < 1 || port > maximumPort)
    throw new Trouble('5.5.4', `${text} is no relay; say it as in smtp.example.net:587`)
  if (user !== undefined && (user === '' || /[|\s]/.test(user))) throw new Trouble('5.5.4', `a login at a relay has no blank and no "|"`)
  return { host, port, user }
}

function isFullName(text: string): boolean {
  return isHostName(text) && text.includes('.') && !text.endsWith('.') && !/^[\d.]+$/.test(text)
}
