/** What send goes by. */
import { localDeliveries, queueLifetimeSeconds, remoteDeliveries } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const schedule: Readonly<Record<string, ControlFile>> = {
  bounceformat: {
    kind: 'line',
    otherwise: 'qsbmf',
    inNewHomes: 'both',
    readBy: ['send'],
    says: "the form of bounces. qsbmf: qmail's. dsn: a report (RFC 3464). both: a report whose first part is qmail's bounce",
  },
  bouncefrom: {
    kind: 'line',
    otherwise: 'MAILER-DAEMON',
    readBy: ['send'],
    says: 'local part of the sender of bounces',
  },
  bouncehost: {
    kind: 'line',
    orMe: true,
    readBy: ['send'],
    says: 'host of the sender of bounces',
  },
  bouncelang: {
    kind: 'line',
    without: 'none',
    inNewHomes: 'en',
    readBy: ['send'],
    says: 'languages in which a report says what can be done: en, ja, de, with blanks between',
  },
  bouncemaxbytes: {
    kind: 'number',
    otherwise: 0,
    without: 'all of it',
    readBy: ['send'],
    says: 'bytes of a message that its bounce copies',
  },
  concurrencylocal: {
    kind: 'number',
    otherwise: localDeliveries,
    readBy: ['send'],
    says: 'local deliveries at once. 0 holds them',
  },
  concurrencyperhost: {
    kind: 'number',
    otherwise: 0,
    without: 'no limit',
    readBy: ['send'],
    says: 'remote deliveries at once to one domain',
  },
  concurrencyremote: {
    kind: 'number',
    otherwise: remoteDeliveries,
    readBy: ['send'],
    says: 'remote deliveries at once. 0 holds them',
  },
  doublebouncehost: {
    kind: 'line',
    orMe: true,
    readBy: ['send'],
    says: 'host of the address for bounces that bounce',
  },
  doublebounceto: {
    kind: 'line',
    otherwise: 'postmaster',
    readBy: ['send'],
    says: 'local part of that address',
  },
  doublebouncetrim: {
    kind: 'number',
    otherwise: 0,
    readBy: ['send'],
    says: '1: bounces that bounce are reported without their body',
  },
  dsnsuccess: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['send'],
    says: '1: a sender who asks to hear of success hears of it, where bounceformat is not qsbmf. 0: never',
  },
  envnoathost: {
    kind: 'line',
    orMe: true,
    readBy: ['send'],
    says: 'put after an envelope recipient without an @',
  },
  locals: {
    kind: 'list',
    orMe: true,
    readBy: ['send'],
    says: 'domains delivered here. Read again at HUP',
  },
  percenthack: {
    kind: 'list',
    without: 'none',
    readBy: ['send'],
    says: 'domains whose user%host@domain is rewritten',
  },
  queuelifetime: {
    kind: 'number',
    otherwise: queueLifetimeSeconds,
    readBy: ['send'],
    says: 'seconds until deferred mail bounces',
  },
  shares: {
    kind: 'number',
    otherwise: 1,
    readBy: ['send'],
    says: '0: one user or destination may have all deliveries at once',
  },
  slowlocal: {
    kind: 'number',
    otherwise: localDeliveries,
    without: 'as concurrencylocal',
    readBy: ['send'],
    says: 'local deliveries that have run for a minute, beside the others. 0: none',
  },
  slowremote: {
    kind: 'number',
    otherwise: remoteDeliveries,
    without: 'as concurrencyremote',
    readBy: ['send'],
    says: 'remote deliveries that have run for a minute, beside the others. 0: none',
  },
  virtualdomains: {
    kind: 'key:value',
    without: 'none',
    readBy: ['send'],
    says: 'domain:prefix. Mail for the domain goes to prefix-localpart here. Read again at HUP',
  },
}
