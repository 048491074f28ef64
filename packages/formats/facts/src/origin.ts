/**
 * Who has queued a message (spec §14.4): what queue itself wrote into its first line, and what submission and smtpd
 * have told it.
 */
import { type FactMap, type Facts, withFact } from './text.ts'

export type Origin =
  /** Submitted by a client that has logged in. */
  | { readonly by: 'login'; readonly login: string }
  /** By a process of a user of this host, a .qmail's included. */
  | { readonly by: 'uid'; readonly uid: number }
  /** By a .qmail of the alias account. */
  | { readonly by: 'alias' }
  /** From a network that may relay, and may write these domains into From. */
  | { readonly by: 'relay'; readonly domains: readonly string[] }
  /** A bounce of ours. */
  | { readonly by: 'bounce' }
  /** From the network: a stranger's, as all else. */
  | { readonly by: 'stranger' }

/** A first line is not longer than this. */
export const originLineBytes = 128
const invoked = /^Received: \(qmail [0-9]+ invoked (?:by uid ([0-9]{1,10})|(by alias|for bounce))\);/

/**
 * @param firstLine - of the message in the queue; what follows it does not matter
 * @param facts - of the message
 */
export function originOf(firstLine: string, facts: FactMap): Origin {
  const login = facts.get('AUTH')
  if (login !== undefined) return { by: 'login', login: decodeXtext(login) }
  const relay = facts.get('RELAY')
  if (relay !== undefined) return { by: 'relay', domains: relay.toLowerCase().split(',') }
  if (facts.has('ORIGIN')) return { by: 'stranger' }
  const [, uid, other] = invoked.exec(firstLine) ?? []
  if (uid !== undefined) return { by: 'uid', uid: Number(uid) }
  if (other === undefined) return { by: 'stranger' }
  return { by: other === 'by alias' ? 'alias' : 'bounce' }
}

/** The client has logged in. */
export function withLogin(facts: Facts, login: string): Facts {
  return withFact(facts, 'AUTH', encodeXtext(login))
}

const domainForm = /^[A-Za-z0-9._-]{1,255}$/
const relayDomains = 16

/** The client's network may relay, and may write these domains into From: the first 16 that are any count. */
export function withRelay(facts: Facts, domains: readonly string[]): Facts {
  const good = domains.filter((domain) => domainForm.test(domain)).slice(0, relayDomains)
  return good.length === 0 ? facts : withFact(facts, 'RELAY', good.join(','))
}

/** RFC 3461 §4: `=` is `+3D`. @param text - a byte string */
export function encodeXtext(text: string): string {
  return text.replace(/[^!-*,-<>-~]/g, (byte) => `+${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** Back again. */
export function decodeXtext(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
