/**
 * What the operator decided: the control files and environment variables of spec §5.1 and §11, read as a whole.
 *
 * A value that changes later changes nothing for a session that has begun, as if each session were a process.
 */
import { networkInterfaces } from 'node:os'
import {
  AddressList,
  type Admission,
  admissionVariables,
  leadingNumber,
  type RecipientLists,
  readAdmission,
  readRecipientLists,
  readUnknownUsers,
  type UnknownUsers,
} from '@yabumi/admission'
import { readLine, readLineOrMe, readList, readNumber, readSwitch } from '@yabumi/control'
import { type Facts, noFacts, withRelay } from '@yabumi/facts'
import { smtpConnections, smtpConnectionsPerClient, smtpRecipients, smtpSilenceSeconds, tarpitSeconds } from '@yabumi/limits'
import { type Milter, readMilters } from '@yabumi/milter'
import { readLocals, readRewriting, readVirtualDomains, rewrite } from '@yabumi/routing'
import { Trouble } from '@yabumi/trouble'
import { type CheckSettings, checksVariables, readChecks } from './checksettings.ts'
import { readScreen, type ScreenSettings, screenVariables } from './screensettings.ts'
import { type LoginTerms, loginTerms } from './smtpauth.ts'
import type { FromRule } from './submitted.ts'

export interface Settings extends Admission, RecipientLists {
  /** What stands after 220, 250 and 221. */
  readonly greeting: string
  /** Whether EHLO offers more than qmail's does. */
  readonly esmtp: boolean
  /** For how long a submitted message may be held; 0: for none. */
  readonly holdSeconds: number
  readonly takesDeadlines: boolean
  readonly takesPriorities: boolean
  /** Whether hosts that get our mail can show who they are: by DANE or MTA-STS. */
  readonly verifiesHosts: boolean
  /** Whether addresses may have other letters than ASCII's (RFC 6531). */
  readonly takesUtf8: boolean
  /** Whether replies have enhanced status codes after EHLO. */
  readonly enhancedStatus: boolean
  /** Whether strangers may ask for reports of deliveries. */
  readonly offersDsn: boolean
  /** Whether parameters that are not offered are refused. */
  readonly strictParameters: boolean
  /** Whether a client that does not wait for the answer to DATA is turned away. */
  readonly forbidsPipelining: boolean
  /** The client is to wait that long for the greeting, without a word. */
  readonly greetDelaySeconds: number
  readonly silenceSeconds: number
  /** The reply to a client that may send nothing; for the resident form, in the other one rblsmtpd stands in front. */
  readonly blocked: string | undefined
  /** Connections at once, all together and from one client; for the resident form. */
  readonly connections: number
  readonly connectionsPerClient: number
  readonly badSenders: AddressList | undefined
  /** What is found out about strangers' mail. */
  readonly checks: CheckSettings
  /** Whether the sender's domain must be in the DNS. */
  readonly checksSenders: boolean
  /** A program that knows which recipients exist. */
  readonly recipientCheck: string | undefined
  /** Whether recipientd is asked for recipients who do not exist. */
  readonly unknownUsers: UnknownUsers
  /** Other hosts' recipients, for whom it is not asked: nobody here knows whether they exist. */
  readonly goesOut: (recipient: string) => boolean
  /** Recipients of one message. */
  readonly maxRecipients: number
  /** From which recipient of a message on the client has to wait for each reply; 0 never. */
  readonly tarpitCount: number
  readonly tarpitSeconds: number
  /** Whether what clients do is in the log; undefined: in the resident form alone, as the other one has qmail's descriptor 2. */
  readonly logsDoor: boolean | undefined
  /** Whether a client may ask for TLS, where there is a certificate, and whether it must before it sends mail. */
  readonly offersTls: boolean
  readonly demandsTls: boolean
  /** Whether clients may log in, and how; undefined where they may not. */
  readonly login: LoginTerms | undefined
  /** control/tlsclients: whose certificate lets in. */
  readonly tlsClients: readonly string[]
  /** Whether who has logged in may send only as who it is: what comes is a person's mail, and no other server's. */
  readonly isSubmission: boolean
  /** Whether nobody is to see where a person's mail came from. */
  readonly hidesOrigin: boolean
  /** What becomes of a From that is somebody else's, in what a person submits. */
  readonly fromRule: FromRule
  /** Right side of message-ids that are added, and what this host is called. */
  readonly idHost: string
  readonly hostName: string
  /** What replaces the address of this host in `joe@[192.0.2.1]`. */
  readonly literalName: string | undefined
  /** The IPv4 addresses of this host. */
  readonly ownAddresses: ReadonlySet<string>
  /** Filters that judge messages; undefined where a bad line is all there is: nothing is taken then. */
  readonly milters: readonly Milter[] | undefined
  /** What strangers have to pass. */
  readonly screen: ScreenSettings
  /** What goes into the queue with every message of the client. */
  readonly facts: Facts
  /** For the programs that are run for a client. */
  readonly environment: ReadonlyMap<string, string>
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
 * @param environment - the variables that withVariables() knows count
 * @param login - whether clients may log in, without a variable
 * @param before - as they were read last, for lines that are bad now
 * @throws Trouble 4.3.0 that names the file, or OwnAddressesUnknown
 */
export function readSettings(environment: ReadonlyMap<string, string>, login: LoginTerms | undefined, before?: Settings): Settings {
  const greeting = readLineOrMe('smtpgreeting')
  if (greeting === undefined) throw new Trouble('4.3.0', 'neither control/smtpgreeting nor control/me exists; config-fast makes them')
  const users = readUnknownUsers(before?.unknownUsers)
  const settings = {
    ...readAdmission(nothing),
    greeting,
    esmtp: login !== undefined || readSwitch('esmtp', before?.esmtp ?? false),
    holdSeconds: readNumber('futurereleasemax', 0),
    takesDeadlines: readSwitch('deliverby', before?.takesDeadlines ?? false),
    takesPriorities: readSwitch('mtpriority', before?.takesPriorities ?? false),
    verifiesHosts: readNumber('dane', 0) === 1 || readNumber('mtasts', 0) === 1,
    takesUtf8: readSwitch('smtputf8', before?.takesUtf8 ?? false),
    enhancedStatus: readSwitch('enhancedstatus', before?.enhancedStatus ?? false),
    offersDsn: readSwitch('dsn', before?.offersDsn ?? false),
    strictParameters: readSwitch('strictparameters', before?.strictParameters ?? true),
    forbidsPipelining: readSwitch('forbidpipelining', before?.forbidsPipelining ?? true),
    greetDelaySeconds: timer(readNumber('greetdelay', 0)),
    silenceSeconds: Math.max(timer(readNumber('timeoutsmtpd', smtpSilenceSeconds)), 1),
    blocked: undefined,
    connections: readNumber('concurrencyincoming', smtpConnections),
    connectionsPerClient: readNumber('concurrencyperip', smtpConnectionsPerClient),
    badSenders: AddressList.read('badmailfrom', false),
    checks: readChecks(before?.checks),
    checksSenders: readNumber('mfcheck', 0) > 0,
    ...readRecipientLists(),
    recipientCheck: undefined,
    unknownUsers: users,
    goesOut: users === 'accept' ? () => false : readGoesOut(),
    maxRecipients: recipients(readNumber('maxrecipients', 0)),
    tarpitCount: readNumber('tarpitcount', 0),
    tarpitSeconds: timer(readNumber('tarpitdelay', tarpitSeconds)),
    logsDoor: logsDoor(readNumber('doorlog', -1)),
    offersTls: true,
    demandsTls: false,
    login,
    tlsClients: readList('tlsclients') ?? [],
    isSubmission: login?.required ?? false,
    hidesOrigin: readSwitch('hideauth', before?.hidesOrigin ?? false),
    fromRule: readFromRule(before?.fromRule),
    idHost: readLineOrMe('idhost') ?? greeting,
    hostName: readLine('me') ?? greeting,
    literalName: readLineOrMe('localiphost'),
    ownAddresses: ownAddresses(),
    milters: readMilters(before?.milters),
    screen: readScreen(before?.screen),
    facts: noFacts,
    environment: nothing,
  }
  return withVariables(settings, environment)
}

const nothing: ReadonlyMap<string, string> = new Map()

/** The same with what these variables say on top of it, and with them in the environment of programs. */
export function withVariables(settings: Settings, variables: ReadonlyMap<string, string>): Settings {
  const { environment } = settings
  const number = (name: string, otherwise: number): number => {
    const text = variables.get(name)
    return text === undefined ? otherwise : leadingNumber(text)
  }
  return {
    ...settings,
    ...admissionVariables(variables),
    greetDelaySeconds: timer(number('GREETDELAY', settings.greetDelaySeconds)),
    checksSenders: number('MFCHECK', Number(settings.checksSenders)) > 0,
    recipientCheck: (variables.get('RCPTCHECK') ?? settings.recipientCheck) || undefined,
    maxRecipients: recipients(number('MAXRCPT', settings.maxRecipients)),
    tarpitCount: number('TARPITCOUNT', settings.tarpitCount),
    tarpitSeconds: timer(number('TARPITDELAY', settings.tarpitSeconds)),
    offersTls: isOff(variables.get('DISABLETLS'), !settings.offersTls),
    login: loginTerms(variables.get('SMTPAUTH'), settings.login),
    isSubmission: number('SUBMISSION', Number(settings.isSubmission)) > 0,
    demandsTls: number('FORCETLS', Number(settings.demandsTls)) > 0,
    checks: checksVariables(settings.checks, variables),
    screen: screenVariables(settings.screen, variables),
    facts: relayFacts(settings.facts, variables),
    environment: environment.size === 0 ? variables : new Map([...environment, ...variables]),
  }
}

/** Whether a variable that switches something on does not: it is empty or 0. */
function isOff(text: string | undefined, otherwise: boolean): boolean {
  return text === undefined ? !otherwise : text === '' || text === '0'
}

/** DKIMSIGN: the domains that mail from a network that relays may have in its From. */
function relayFacts(facts: Facts, variables: ReadonlyMap<string, string>): Facts {
  const domains = variables.get('DKIMSIGN')
  return domains && variables.has('RELAYCLIENT') ? withRelay(facts, domains.split(/[\s,]+/)) : facts
}

/** A line that is none leaves what was read before; at first, the strictest. */
function readFromRule(before: FromRule = 'reject'): FromRule {
  const line = readLine('submissionfrom')
  return line === undefined ? 'reject' : line === 'reject' || line === 'sender' || line === 'rewrite' ? line : before
}

/** As the control files have it now. Where they cannot be read recipientd has the word. */
function readGoesOut(): Settings['goesOut'] {
  try {
    const [rewriting, routing] = [readRewriting(), { locals: readLocals(), virtualDomains: readVirtualDomains() }]
    return (recipient) => rewrite(recipient, rewriting, routing).channel === 'remote'
  } catch {
    return () => false
  }
}

/** Without the file -1. */
function logsDoor(number: number): boolean | undefined {
  return number < 0 ? undefined : number > 0
}

/** Seconds that setTimeout() can wait. */
function timer(seconds: number): number {
  return Math.min(seconds, longestTimerSeconds)
}

/** 0 stands for no limit but ours. */
function recipients(count: number): number {
  return count > 0 && count < smtpRecipients ? count : smtpRecipients
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
