/**
 * control/authsenders: the way of a message by its sender, and the login there (spec §17.5). The forms are sagredo's:
 * `SENDER:RELAY:PORT|USER|PASSWORD`, `SENDER|RELAY:PORT|USER|PASSWORD`, `SENDER|USER|PASSWORD`.
 */
import { lowerCase, splitAddress } from '@yabumi/address'
import { findByHost, keepUntilChanged } from '@yabumi/control'
import { Trouble } from '@yabumi/trouble'
import { type Login, loginIn } from './login.ts'
import { type Route, relayRoute, routeOf } from './route.ts'
import { withLogin } from './routepasswords.ts'
import { secretLines } from './secretlines.ts'
import type { Settings } from './settings.ts'

interface Line {
  /** With the port; empty: where the recipient's host leads to. */
  readonly relay: string
  readonly login: Login | undefined
}

/** The first line of each sender; what cannot be understood guards whom it names. */
const lines = keepUntilChanged(['authsenders'], () => {
  const found = new Map<string, Line | { readonly problem: string }>()
  for (const [number, text] of secretLines('authsenders')) {
    const [sender, line] = read(text)
    if (!found.has(sender)) found.set(sender, line ?? { problem: `control/authsenders line ${number}: not SENDER:RELAY|USER|PASSWORD` })
  }
  return found
})

function read(text: string): [sender: string, line: Line | undefined] {
  const [first = '', ...words] = text.split('|')
  const colon = first.indexOf(':')
  const hasRelay = words.length > 2 && words[2] !== 'plain'
  const relay = colon >= 0 ? first.slice(colon + 1) : hasRelay ? (words.shift() ?? '') : ''
  const login = loginIn(words)
  const isWhole = words.length === 0 ? relay !== '' : login !== undefined
  return [lowerCase(colon < 0 ? first : first.slice(0, colon)), isWhole ? { relay, login } : undefined]
}

/** The whole sender, `@DOMAIN`, `DOMAIN` or `.DOMAIN` above it, and the empty name, which is everybody. */
function lineOf(sender: string): Line | undefined {
  const known = lines()
  if (known.size === 0) return undefined
  const name = lowerCase(sender)
  const domain = splitAddress(name).domain ?? ''
  const line =
    (name === '' ? undefined : known.get(name)) ?? (domain === '' ? undefined : known.get(`@${domain}`)) ?? findByHost(domain, known)
  if (line !== undefined && 'problem' in line) throw new Trouble('4.3.0', line.problem)
  return line
}

/**
 * Where a message goes before the DNS is asked, and the login there.
 *
 * A login without a relay is for the relay that the recipient's host leads to; a mail host that the DNS names never sees it.
 *
 * @throws Trouble 4.3.0 if a file with passwords cannot be read, or its line for this sender not be understood
 */
export function wayOf(sender: string, host: string, settings: Settings): Route {
  const line = lineOf(sender)
  const route = line === undefined || line.relay === '' ? routeOf(host, settings.routes, settings.qmtpRoutes) : relayRoute(host, line.relay)
  const login = route.relay && route.protocol === 'smtp' ? line?.login : undefined
  return withLogin(login === undefined ? route : { ...route, login })
}
