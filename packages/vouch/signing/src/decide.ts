/**
 * Whether a message is signed: only for a domain that whoever queued it may write into From (spec §19.2).
 *
 * Never by the envelope sender, which anybody can write.
 */
import { lowerCase, splitAddress } from '@yabumi/address'
import { keepUntilChanged, readLine, readLineOrMe, readList } from '@yabumi/control'
import { nameInDns, nameOf, type SigningKey } from '@yabumi/dkim'
import { signingKeysFor } from '@yabumi/dkimkeys'
import { type FactMap, type Origin, originOf } from '@yabumi/facts'
import { addressText, rewriteAddressList } from '@yabumi/header'
import { Senders } from '@yabumi/senders'
import { errorText, Trouble } from '@yabumi/trouble'
import { Users, unseenHomes } from '@yabumi/users'

export type Decision =
  | { readonly keys: readonly SigningKey[]; readonly problems: readonly string[] }
  /** Why not, in words: after "not signed: ". */
  | { readonly unsigned: string; readonly problems: readonly string[] }

/** Who may write any address of a domain: `UID:DOMAIN`, for daemons. */
const daemons = keepUntilChanged(['dkimusers'], () => readList('dkimusers') ?? [])
/** The domains of our own bounces and reports. */
const ownDomains = keepUntilChanged(['me', 'bouncehost'], () =>
  [readLine('me'), readLineOrMe('bouncehost')].map((name) => lowerCase(name ?? '')),
)

let senders: Senders | undefined

/** Made when it is first asked: the home is the working directory by then. */
function sendersHere(): Senders {
  senders ??= new Senders(new Users('.', undefined, unseenHomes), () => undefined)
  return senders
}

/**
 * Decide about a message.
 *
 * @param fields - of its header, with their line ends; the first one tells who queued it
 * @param facts - of the message
 * @returns undefined in a home without keys for its domain: there is nothing to be said
 */
export async function decide(fields: readonly string[], facts: FactMap): Promise<Decision | undefined> {
  const authors = authorsOf(fields)
  if (typeof authors === 'string') return { unsigned: authors, problems: [] }
  const [author = ''] = authors
  const domain = domainOf(author)
  const found = signingKeysFor(domain)
  if (found === undefined) return undefined
  const { keys, problems } = found
  const refusal = keys.length === 0 ? `no key of ${domain} is active` : await refusalOf(authors, fields, originOf(fields[0] ?? '', facts))
  return refusal === undefined ? { keys, problems } : { unsigned: refusal, problems }
}

/** The addresses in From; or why there are none. */
function authorsOf(fields: readonly string[]): readonly string[] | string {
  const from = fields.filter((field) => nameOf(field) === 'from')
  if (from.length !== 1) return from.length === 0 ? 'it has no From' : 'it has several From fields'
  const authors = addressesIn((from[0] as string).replaceAll('\r\n', '\n'))
  return authors.length === 0 || authors.some((author) => !author.includes('@')) ? 'its From is no list of addresses' : authors
}

/** In the order of the field; none where that is no list, or has more words than any. */
function addressesIn(field: string): readonly string[] {
  const fromRight: string[] = []
  try {
    const list = rewriteAddressList(field, (tokens) => void fromRight.push(addressText(tokens)))
    return list === undefined ? [] : fromRight.reverse()
  } catch (error) {
    if (error instanceof Trouble) return []
    throw error
  }
}

function domainOf(address: string): string {
  return nameInDns(splitAddress(address).domain ?? '') ?? ''
}

async function refusalOf(authors: readonly string[], fields: readonly string[], origin: Origin): Promise<string | undefined> {
  try {
    for (const author of authors) {
      const refusal = await refusalFor(author, fields, origin)
      if (refusal !== undefined) return refusal
    }
    return undefined
  } catch (error) {
    return `nobody can say whether it may be: ${errorText(error)}`
  }
}

async function refusalFor(author: string, fields: readonly string[], origin: Origin): Promise<string | undefined> {
  const domain = domainOf(author)
  switch (origin.by) {
    case 'login': {
      const { foreign } = await sendersHere().answer(origin.login, [author])
      return foreign === undefined ? undefined : `${author} is not an address of ${origin.login}, who sent it`
    }
    case 'relay':
      return origin.domains.some((each) => each === domain || (each.startsWith('.') && domain.endsWith(each)))
        ? undefined
        : `the network that it came from may not write as ${domain}`
    case 'bounce':
      return ownDomains().includes(domain) ? undefined : `${domain} is not the domain of our bounces`
    case 'uid':
      if (daemons().some((line) => lowerCase(line) === `${origin.uid}:${domain}`)) return undefined
      if (isPassedOn(fields)) return 'a .qmail passes it on'
      return origin.uid === 0 || (await sendersHere().isOwn(origin.uid, author))
        ? undefined
        : `${author} is not an address of uid ${origin.uid}, who sent it`
    case 'alias':
      return 'a .qmail passes it on'
    case 'stranger':
      return 'it came from the network'
  }
}

/** It has been delivered or received before: what a .qmail forwards is not written by its user. */
export function isPassedOn(fields: readonly string[]): boolean {
  const names = fields.slice(1).map(nameOf)
  return names.includes('delivered-to') || names.includes('received')
}
