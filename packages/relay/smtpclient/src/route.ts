/** Where mail for a host goes before DNS is asked: control/qmtproutes, then control/smtproutes (spec §2.8.3). */
import { type ConstMap, findByHost } from '@yabumi/control'
import { type Login, loginIn } from './login.ts'

export interface Route {
  readonly protocol: 'smtp' | 'qmtp'
  /** Whom to connect to: the recipient's host, or the relay named for it. */
  readonly host: string
  readonly port: number
  /** The host is a relay: its own address is meant, MX records and whether it is ourselves do not matter. */
  readonly relay: boolean
  /** What follows the relay in its line: `|USER|PASSWORD`, and perhaps `|plain`. */
  readonly login?: Login
}

const smtpPort = 25
const qmtpPort = 209

/**
 * The route for a host: the first hit of the whole name, each suffix that starts at a dot, and the empty name decides.
 *
 * Its value is `relay`, `relay:port`, or nothing for the usual way. `:port` is the usual way to another port, which the
 * reference does not have. A relay that is an IPv6 address stands in brackets.
 *
 * @param qmtpRoutes - relays that are spoken QMTP with; the first hit there decides, unless it names none
 */
export function routeOf(host: string, routes: ConstMap, qmtpRoutes?: ConstMap): Route {
  const byQmtp = qmtpRoutes === undefined || qmtpRoutes.size === 0 ? '' : (findByHost(host, qmtpRoutes) ?? '')
  if (byQmtp !== '') {
    const { relay, port } = splitRelay(byQmtp, qmtpPort)
    if (relay !== '') return { protocol: 'qmtp', host: relay, port, relay: true }
  }
  const [value = '', ...words] = (findByHost(host, routes) ?? '').split('|')
  const login = loginIn(words)
  return { ...relayRoute(host, value), ...(login === undefined ? {} : { login }) }
}

/** The way for a host by a relay. @param value - `relay`, `relay:port`; nothing, or `:port`: the usual way */
export function relayRoute(host: string, value: string): Route {
  const { relay, port } = splitRelay(value, smtpPort)
  return { protocol: 'smtp', host: relay === '' ? host : relay, port, relay: relay !== '' }
}

function splitRelay(value: string, otherwise: number): { relay: string; port: number } {
  const bracket = /^\[[0-9a-fA-F:.]*\]/.exec(value)?.[0].length ?? 0
  const colon = value.indexOf(':', bracket)
  if (colon < 0) return { relay: value, port: otherwise }
  const digits = /^[0-9]+/.exec(value.slice(colon + 1))?.[0]
  return { relay: value.slice(0, colon), port: digits === undefined ? otherwise : Number(digits) & 0xffff }
}
