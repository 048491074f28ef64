/** What control/ says about sending mail: our name, patience, and routes (spec §3). */
import { ConstMap, keepUntilChanged, readLine, readLineOrMe, readList, readNumber, readSwitch } from '@yabumi/control'
import { attemptSeconds, smtpConnectSeconds, smtpReplySeconds } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { type Bindings, readBindings } from './binding.ts'

export interface Settings {
  /** The name given with HELO. */
  readonly heloHost: string
  /** 8-bit messages go as they are to every host, or to those of some domains. */
  readonly just8: boolean
  readonly just8Hosts: ConstMap
  /** How long a connection attempt may take. */
  readonly connectSeconds: number
  /** How long the host may keep silent, or take nothing of what is written. */
  readonly silenceSeconds: number
  /** How long an attempt may take up to its final dot. */
  readonly attemptSeconds: number
  /** control/smtproutes: which relay takes the mail for a host. */
  readonly routes: ConstMap
  /** control/qmtproutes: the same for relays that speak QMTP. */
  readonly qmtpRoutes: ConstMap
  /** control/outgoingipv6: false where hosts that have IPv4 addresses are spoken to over IPv4 alone. */
  readonly usesIpv6: boolean
  /** control/bindroutes and control/outgoingip: from which address of ours it goes. */
  readonly bindings: Bindings
}

/** A longer time does not fit a Node timer. */
const longestSeconds = 2_147_483

/**
 * The settings as the control files have them now.
 *
 * @throws Trouble 4.3.0 if a file cannot be read, or neither helohost nor me is there
 */
export const currentSettings: () => Settings = keepUntilChanged(
  [
    'me',
    'helohost',
    'esmtp',
    'just8',
    'just8hosts',
    'timeoutconnect',
    'timeoutremote',
    'timeoutattempt',
    'smtproutes',
    'qmtproutes',
    'bindroutes',
    'outgoingip',
    'outgoingipv6',
  ],
  readSettings,
)

/** For lines that are bad now. */
let lastGood: Settings | undefined

function readSettings(): Settings {
  const heloHost = readLineOrMe('helohost')
  if (heloHost === undefined) throw new Trouble('4.3.0', 'unable to read control/me: file does not exist')
  lastGood = {
    heloHost,
    just8: readSwitch('just8', lastGood?.just8 ?? true, true),
    just8Hosts: ConstMap.ofLines(readList('just8hosts') ?? []),
    connectSeconds: seconds('timeoutconnect', smtpConnectSeconds),
    silenceSeconds: seconds('timeoutremote', smtpReplySeconds),
    attemptSeconds: seconds('timeoutattempt', attemptSeconds, 0) || longestSeconds,
    routes: ConstMap.ofColonLines(readList('smtproutes') ?? []),
    qmtpRoutes: ConstMap.ofColonLines(readList('qmtproutes') ?? []),
    usesIpv6: readSwitch('outgoingipv6', lastGood?.usesIpv6 ?? true, true),
    bindings: readBindings(readList('bindroutes') ?? [], readLine('outgoingip') ?? ''),
  }
  return lastGood
}

function seconds(name: string, otherwise: number, least = 1): number {
  return Math.min(Math.max(readNumber(name, otherwise), least), longestSeconds)
}
