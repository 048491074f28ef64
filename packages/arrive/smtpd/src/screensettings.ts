/** What strangers have to pass beside the lists of recipients: control files and variables (README.md, Strangers). */
import { AddressList, leadingNumber } from '@yabumi/admission'
import { readLine, readNumber, readSwitch } from '@yabumi/control'
import { type DnsLists, readDnsLists } from '@yabumi/dnslists'

export interface ScreenSettings {
  /** Names in HELO, of everybody and of strangers. */
  readonly badHelos: AddressList | undefined
  readonly badHelosOfStrangers: AddressList | undefined
  /** Whether a stranger may not say that it is this host. */
  readonly checksHelo: boolean
  readonly badSenders: AddressList | undefined
  readonly badRecipients: AddressList | undefined
  /** Of one session; 0 is no limit, here and below. */
  readonly badRecipientsLimit: number
  readonly errorLimit: number
  /** Of a client's network, within a minute and within ten. */
  readonly connectRate: number
  readonly messageRate: number
  readonly recipientRate: number
  /** Lists in the DNS; undefined where none is asked. */
  readonly lists: DnsLists | undefined
  /** Who is put off at first. */
  readonly greylists: 'nobody' | 'suspicious' | 'all'
  /** Whether the greeting has a line before it is waited for the client's silence, too. */
  readonly greetsTwice: boolean
}

/** @throws Trouble 4.3.0 that names the file */
export function readScreen(before: ScreenSettings | undefined): ScreenSettings {
  return {
    badHelos: AddressList.read('badhelo', true),
    badHelosOfStrangers: AddressList.read('badhelonorelay', true),
    checksHelo: readSwitch('helocheck', before?.checksHelo ?? true),
    badSenders: AddressList.read('badmailfromnorelay', true),
    badRecipients: AddressList.read('badrcpttonorelay', true),
    badRecipientsLimit: readNumber('brtlimit', 0),
    errorLimit: readNumber('errorlimit', 0),
    connectRate: readNumber('connectrateperip', 0),
    messageRate: readNumber('messagerateperip', 0),
    recipientRate: readNumber('recipientrateperip', 0),
    lists: readDnsLists(before?.lists),
    greylists: readGreylist(before?.greylists),
    greetsTwice: readSwitch('greetmultiline', before?.greetsTwice ?? false),
  }
}

const greylists = ['nobody', 'suspicious', 'all'] as const

/** A line that is none of 0, 1 and 2 leaves what was read before. */
function readGreylist(before: ScreenSettings['greylists'] = 'nobody'): ScreenSettings['greylists'] {
  const line = readLine('greylist')
  return line === undefined ? 'nobody' : /^[012]$/.test(line) ? (greylists[Number(line)] ?? before) : before
}

/** The same with what variables say on top. */
export function screenVariables(settings: ScreenSettings, variables: ReadonlyMap<string, string>): ScreenSettings {
  const limit = variables.get('BRTLIMIT')
  return {
    ...settings,
    ...(limit === undefined ? {} : { badRecipientsLimit: leadingNumber(limit) }),
    ...(variables.has('DNSBLSKIP') ? { lists: undefined } : {}),
  }
}
