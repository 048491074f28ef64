/** What is to be known of strangers' mail, and done with it: control/authcheck and the files that go with it. */
import { lowerCase } from '@yabumi/address'
import { leadingNumber } from '@yabumi/admission'
import { readLine, readList, readNumber, readSwitch } from '@yabumi/control'
import { dkimSmallestKeyBits } from '@yabumi/limits'
import { Exceptions } from './exceptions.ts'

export interface CheckSettings {
  /** 0: nothing is checked; 1: what is found out stands above the message; 2: and it is acted on. */
  readonly level: 0 | 1 | 2
  /** Who says so above the message, and whose fields nobody else may write. */
  readonly host: string
  readonly smallestKeyBits: number
  readonly partialBody: boolean
  /** What level 2 acts on. */
  readonly dmarc: boolean
  readonly fromCheck: boolean
  readonly trustedSealers: ReadonlySet<string>
  readonly exceptions: Exceptions
  readonly spf: SpfSettings
}

/** As patches for qmail have it. */
export interface SpfSettings {
  /** 0: nothing; 1: a field Received-SPF; 2: trouble of the DNS defers; 3: fail is refused, 4: softfail, 5: neutral, 6: none and errors, too. */
  readonly behavior: number
  /** Terms of a record that may save what fails, and that count where there is none. */
  readonly rules: string
  readonly guess: string
  /** Said where the domain has no explanation. */
  readonly explanation: string
  /** Clients that are not asked about. */
  readonly skipped: Exceptions
  /** Whether domains are believed that say that nobody sends for them. */
  readonly refusesNull: boolean
}

/** @param before - as they were read last, for lines that are bad now; at first the strictest counts @throws Trouble 4.3.0 that names the file */
export function readChecks(before: CheckSettings | undefined): CheckSettings {
  const me = readLine('me')
  return {
    level: readLevel(before?.level ?? 2),
    host: me === undefined ? 'localhost' : me,
    smallestKeyBits: readNumber('dkimminbits', dkimSmallestKeyBits),
    partialBody: readNumber('dkimallowl', 0) !== 0,
    dmarc: readSwitch('dmarc', before?.dmarc ?? true, true),
    fromCheck: readSwitch('fromcheck', before?.fromCheck ?? true, true),
    trustedSealers: new Set(readList('arctrusted')?.map(lowerCase)),
    exceptions: new Exceptions(readList('dmarcexceptions') ?? []),
    spf: {
      behavior: readNumber('spfbehavior', 0),
      rules: (readList('spfrules') ?? []).join(' '),
      guess: (readList('spfguess') ?? []).join(' '),
      explanation: readLine('spfexp') ?? '',
      skipped: new Exceptions(readList('spfskip') ?? []),
      refusesNull: readSwitch('spfnullreject', before?.spf.refusesNull ?? true),
    },
  }
}

/** SPFBEHAVIOR of a client's rule. */
export function checksVariables(checks: CheckSettings, variables: ReadonlyMap<string, string>): CheckSettings {
  const behavior = variables.get('SPFBEHAVIOR')
  return behavior === undefined ? checks : { ...checks, spf: { ...checks.spf, behavior: leadingNumber(behavior) } }
}

/** Whether SPF is asked about a client when it names a sender. */
export function asksSpf({ spf }: CheckSettings, address: string): boolean {
  return (spf.behavior > 0 || spf.refusesNull) && !spf.skipped.hasClient(address)
}

function readLevel(before: CheckSettings['level']): CheckSettings['level'] {
  const line = readLine('authcheck')
  if (line === undefined) return 0
  return line === '0' || line === '1' || line === '2' ? (Number(line) as CheckSettings['level']) : before
}
