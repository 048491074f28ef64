/**
 * Which file a request is for.
 *
 * Never   says whether an address exists: every address of a domain of ours gets the same answer
 */
import type { Announced } from '@yabumi/announced'
import { readChallenge } from './challenge.ts'
import { autoconfig, autodiscover, mobileconfig } from './settings.ts'

export interface Request {
  readonly method: string
  /** Path and query, as the client has sent them. */
  readonly url: string
  /** The name that it has asked, perhaps with a port. */
  readonly host: string
  /** Bytes as characters. */
  readonly body: string
}

export interface Answer {
  readonly type: string
  readonly body: string
}

const challenge = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,128})$/
/** No character of it means anything in XML. */
const address = /^[A-Za-z0-9.!#$%*+/=?^_{|}~-]{1,64}@([A-Za-z0-9.-]{1,253})$/
const xml = 'text/xml; charset=utf-8'

/** @returns undefined if there is none. @throws Trouble 4.3.0 if control/ cannot be read */
export function answerTo({ method, url, host, body }: Request, announced: Announced): Answer | undefined {
  const [path = '', query = ''] = url.split('?')
  const name = host.toLowerCase().replace(/:[0-9]{1,5}$/, '')
  if (method === 'POST') return path.toLowerCase() === '/autodiscover/autodiscover.xml' ? discovered(body, announced) : undefined
  if (method !== 'GET' && method !== 'HEAD') return undefined
  switch (path) {
    case '/.well-known/mta-sts.txt':
      return policy(name, announced)
    case '/mail/config-v1.1.xml':
    case '/.well-known/autoconfig/mail/config-v1.1.xml':
      return configured(name.replace(/^autoconfig\./, ''), announced)
    case '/mail.mobileconfig':
      return profile(new URLSearchParams(query).get('email') ?? '', announced)
    default:
      return token(challenge.exec(path)?.[1])
  }
}

function token(name: string | undefined): Answer | undefined {
  const body = name === undefined ? undefined : readChallenge(name)
  return body === undefined ? undefined : { type: 'application/octet-stream', body }
}

function policy(name: string, announced: Announced): Answer | undefined {
  const [, domain = ''] = /^mta-sts\.(.+)$/.exec(name) ?? []
  const found = announced.includes(domain) ? announced.policy : undefined
  return found === undefined ? undefined : { type: 'text/plain', body: found.text }
}

function configured(domain: string, announced: Announced): Answer | undefined {
  return announced.includes(domain) ? { type: xml, body: autoconfig(domain, announced) } : undefined
}

function discovered(body: string, announced: Announced): Answer | undefined {
  const [, whole = ''] = /<EMailAddress>([^<>]{1,320})<\/EMailAddress>/i.exec(body) ?? []
  return isOurs(whole.trim(), announced) ? { type: xml, body: autodiscover(whole.trim(), announced) } : undefined
}

function profile(whole: string, announced: Announced): Answer | undefined {
  const body = isOurs(whole, announced) ? mobileconfig(whole, announced) : undefined
  return body === undefined ? undefined : { type: 'application/x-apple-aspen-config', body }
}

function isOurs(whole: string, announced: Announced): boolean {
  const [, domain] = address.exec(whole) ?? []
  return domain !== undefined && announced.includes(domain.toLowerCase())
}
