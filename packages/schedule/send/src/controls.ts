/**
 * What the administrator has said in control/ (spec §3), read at the start; the routing again when told to.
 */
import { readLine, readLineOrMe, readNumber, readSwitch } from '@yabumi/control'
import { localDeliveries, queueLifetimeSeconds, remoteDeliveries } from '@yabumi/limits'
import { type Rewriting, type Routing, readLocals, readRewriting, readVirtualDomains } from '@yabumi/routing'
import { type Language, readLanguages } from './bounce/words.ts'
import type { PerChannel } from './keep/channel.ts'
import type { Log } from './log.ts'

const bounceFormats = ['qsbmf', 'dsn', 'both'] as const
/** `both`: qmail's words are the first part of a report. */
export type BounceFormat = (typeof bounceFormats)[number]

export interface Controls extends Rewriting {
  readonly bounceFormat: BounceFormat
  readonly bounceFrom: string
  readonly bounceHost: string
  /** Bytes of a message that its bounce copies; 0: all. */
  readonly bounceMaxBytes: number
  /** In which a bounce says what can be done. */
  readonly bounceLanguages: readonly Language[]
  /** After so many seconds people of ours hear that a message waits; 0: never. */
  readonly delayWarnSeconds: number
  /** Of a login's recipients within an hour: if more do not exist, its mail is held; 0: never. */
  readonly bounceHoldPercent: number
  /** Whether a sender who asks for it hears of success. */
  readonly tellsSuccess: boolean
  /** Deliveries at once; 0 holds the channel. */
  readonly concurrency: PerChannel<number>
  /** Deliveries at once to one destination; 0: no limit of its own. */
  readonly concurrencyPerHost: number
  /** Deliveries beyond that which have run for long. */
  readonly slow: PerChannel<number>
  /** No user and no destination may keep the others waiting. */
  readonly shared: boolean
  /** Bounces that bounce are sent without the body of the first one. */
  readonly doubleBounceTrim: boolean
  /** Where bounces that bounce go. */
  readonly doubleBounceTo: string
  readonly lifetimeSeconds: number
}

/** @throws Trouble naming the file that cannot be read */
export function readControls(): Controls {
  const doubleBounceBox = readLine('doublebounceto') ?? 'postmaster'
  const doubleBounceHost = readLineOrMe('doublebouncehost') ?? 'doublebouncehost'
  const concurrency = { local: readNumber('concurrencylocal', localDeliveries), remote: readNumber('concurrencyremote', remoteDeliveries) }
  return {
    bounceFormat: bounceFormats.find((name) => name === readLine('bounceformat')) ?? 'qsbmf',
    bounceLanguages: readLanguages(readLine('bouncelang') ?? ''),
    delayWarnSeconds: readNumber('delaywarn', 0),
    bounceHoldPercent: readNumber('bouncehold', 0),
    tellsSuccess: readSwitch('dsnsuccess', false),
    bounceFrom: readLine('bouncefrom') ?? 'MAILER-DAEMON',
    bounceHost: readLineOrMe('bouncehost') ?? 'bouncehost',
    concurrency,
    slow: { local: readNumber('slowlocal', concurrency.local), remote: readNumber('slowremote', concurrency.remote) },
    shared: readNumber('shares', 1) > 0,
    concurrencyPerHost: readNumber('concurrencyperhost', 0),
    bounceMaxBytes: readNumber('bouncemaxbytes', 0),
    doubleBounceTrim: readNumber('doublebouncetrim', 0) > 0,
    doubleBounceTo: `${doubleBounceBox}@${doubleBounceHost}`,
    lifetimeSeconds: readNumber('queuelifetime', queueLifetimeSeconds),
    ...readRewriting(),
  }
}

/** The routing as the files are now; what cannot be read stays as it was. */
export function rereadRouting(routing: Routing, log: Log): Routing {
  return {
    locals: attempt(readLocals, routing.locals, 'locals', log),
    virtualDomains: attempt(readVirtualDomains, routing.virtualDomains, 'virtualdomains', log),
  }
}

function attempt<T>(read: () => T, otherwise: T, name: string, log: Log): T {
  try {
    return read()
  } catch {
    log.alert(`unable to reread control/${name}`)
    return otherwise
  }
}
