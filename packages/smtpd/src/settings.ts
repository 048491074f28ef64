/**
 * What the operator decided: the control files and environment variables of spec §5.1, read as a whole.
 *
 * A value that changes later changes nothing for a session that has begun, as if each session were a process.
 */
import { networkInterfaces } from 'node:os'
import { ConstMap, readLineOrMe, readList, readNumber } from '@yabumi/control'
import { smtpConnections, smtpConnectionsPerClient, smtpSilenceSeconds } from '@yabumi/limits'
import { type Admission, readAdmission } from '@yabumi/receiving'
import { Trouble } from '@yabumi/trouble'

export interface Settings extends Admission {
  /** What stands after 220, 250 and 221. */
  readonly greeting: string
  readonly silenceSeconds: number
  /** Connections at once, all together and from one client; for the resident form. */
  readonly connections: number
  readonly connectionsPerClient: number
  readonly badSenders: ConstMap
  /** What replaces the address of this host in `joe@[192.0.2.1]`. */
  readonly literalName: string | undefined
  /** The IPv4 addresses of this host. */
  readonly ownAddresses: ReadonlySet<string>
}

/** The host's own addresses cannot be found out: qmail has a reply of its own for that. */
export class OwnAddressesUnknown extends Trouble {
  constructor(cause: unknown) {
    super('4.3.0', 'unable to figure out my IP addresses', { cause })
  }
}

const longestTimerSeconds = 2_147_483 // 31 bits of milliseconds

/**
 * Read everything anew.
 *
 * @param environment - RELAYCLIENT and DATABYTES count
 * @throws Trouble 4.3.0 that names the file, or OwnAddressesUnknown
 */
export function readSettings(environment: ReadonlyMap<string, string>): Settings {
  const greeting = readLineOrMe('smtpgreeting')
  if (greeting === undefined) throw new Trouble('4.3.0', 'neither control/smtpgreeting nor control/me exists; config-fast makes them')
  const literalName = readLineOrMe('localiphost')
  const silenceSeconds = Math.min(Math.max(readNumber('timeoutsmtpd', smtpSilenceSeconds), 1), longestTimerSeconds)
  const admission = readAdmission(environment)
  const badSenders = ConstMap.ofLines(readList('badmailfrom') ?? [])
  return {
    ...admission,
    greeting,
    silenceSeconds,
    connections: readNumber('concurrencyincoming', smtpConnections),
    connectionsPerClient: readNumber('concurrencyperip', smtpConnectionsPerClient),
    badSenders,
    literalName,
    ownAddresses: ownAddresses(),
  }
}

/** Loopback and all others that are up, and 0.0.0.0, which connects to this host as well. */
function ownAddresses(): Set<string> {
  try {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    return new Set(['0.0.0.0', ...all.filter(({ family }) => family === 'IPv4').map(({ address }) => address)])
  } catch (cause) {
    throw new OwnAddressesUnknown(cause)
  }
}
