/** How mail leaves for another host: route, MX records, addresses, and those that did not answer lately. */
import { closeSync, constants, existsSync, readFileSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { type Answer, ask } from '@yabumi/dns'
import { accountToBecome, asAccount } from '@yabumi/home'
import { openQueueFile } from '@yabumi/queuedir'
import { currentSettings, findMailAddresses, type Route, routeOf, securityOf, withLogin } from '@yabumi/smtpclient'
import { isInTrouble, recordsOf } from '@yabumi/tcptable'
import { type Demand, demandText, type Refusal } from '@yabumi/tlsdemand'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

export interface RemoteAddress {
  readonly address: string
  /** Recent timeouts; undefined where the table may not be read. */
  readonly timeouts: number | undefined
  /** Left alone now because of them. */
  readonly skipped: boolean
  /** Which TLS is demanded of it, in words. */
  readonly demand: string
}

export interface RemoteWay {
  readonly route: Route
  /** What the names of the mail hosts are; undefined where a relay is named. */
  readonly exchanges: Answer<{ readonly exchange: string; readonly priority: number }> | undefined
  /** In the order to be tried; equal ones are shuffled each time. */
  readonly addresses: readonly RemoteAddress[]
  /** Why there are none: what remote would report. */
  readonly failure: string | undefined
  readonly heloHost: string
  readonly connectSeconds: number
  readonly silenceSeconds: number
  readonly notes: readonly string[]
}

/** @throws Trouble if the control files cannot be read */
export async function explainRemote(domain: string): Promise<RemoteWay> {
  const { routes, qmtpRoutes, usesIpv6, heloHost, connectSeconds, silenceSeconds } = currentSettings()
  const notes: string[] = []
  const route = loggedIn(routeOf(domain, routes, qmtpRoutes), notes)
  const exchanges = route.relay ? undefined : await ask(route.host, 'MX')
  const found = await findMailAddresses(route, usesIpv6)
  if (existsSync('control/authsenders')) notes.push('control/authsenders may have it go another way, by its sender')
  const standing = standings(notes)
  const reasons = new Set<string>()
  const security = securityOf(domain, route, 'targets' in found && found.secure, ({ failure }) => void reasons.add(failure?.reason ?? ''))
  const targets = 'report' in found ? [] : found.targets
  const demands = await asAccount(accountToBecome('remote'), () => Promise.all(targets.map((target) => security.demandFor(target))))
  const addresses = targets.map(({ address }, place) => ({ ...standing(address), demand: demandText(demands[place] as Demand | Refusal) }))
  notes.push(...reasons)
  if (addresses.length > 0 && addresses.every(({ skipped }) => skipped))
    notes.push('every address timed out lately: deliveries are deferred at once')
  const failure = 'report' in found ? `${found.report[0] === 'D' ? 'bounced' : 'deferred'}: ${found.report.slice(1).trimEnd()}` : undefined
  return { route, exchanges, addresses, failure, heloHost, connectSeconds, silenceSeconds, notes }
}

/** The route with the login at its relay, where we may read which. */
function loggedIn(route: Route, notes: string[]): Route {
  try {
    return asAccount(accountToBecome('remote'), () => withLogin(route))
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    notes.push(`whether there is a login at the relay cannot be told: ${error.message}`)
    return route
  }
}

function readTable(): Buffer {
  const { fd } = openQueueFile('queue/lock/tcpto', constants.O_RDONLY)
  try {
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** What the table of timeouts says of an address. Read without its lock: a record that is just being written matters little here. */
function standings(notes: string[]): (address: string) => Omit<RemoteAddress, 'demand'> {
  try {
    const records = recordsOf(asAccount(accountToBecome('remote'), readTable))
    const now = nowSeconds()
    return (address) => {
      const record = records.find((each) => each.address === address && each.count > 0)
      return { address, timeouts: record?.count ?? 0, skipped: record !== undefined && isInTrouble(record, now, 0) }
    }
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Trouble)) throw error
    notes.push(`which addresses timed out lately cannot be read: ${errorText(error)}`)
    return (address) => ({ address, timeouts: undefined, skipped: false })
  }
}
