/**
 * What each control file means, in the words and the order of the reference program (spec §8.1).
 *
 * Every setting stands in this table and in control/README.md, with the same kind and default; a test compares the two with the sources.
 */

import {
  attemptSeconds,
  localWorkerIdleSeconds,
  smtpConnections,
  smtpConnectionsPerClient,
  smtpRecipients,
  stopSeconds,
  tarpitSeconds,
  workerMemoryMegabytes,
} from '@yabumi/limits'

/** One control file. Its value stands between `before` and `after`; `none` is said where there is no file. */
export type Setting =
  | { readonly kind: 'line'; readonly name: string; readonly before: string; readonly otherwise: string; readonly orMe: boolean }
  | { readonly kind: 'number'; readonly name: string; readonly before: string; readonly otherwise: number; readonly after: string }
  | { readonly kind: 'list'; readonly name: string; readonly none: string; readonly before: string; readonly after: string }
  | { readonly kind: 'cdb'; readonly name: string; readonly source: string }
  /** A file that no other one is made into, and whose contents are too many to show. */
  | { readonly kind: 'present'; readonly name: string; readonly text: string }

const line = (name: string, before: string, otherwise: string): Setting => ({ kind: 'line', name, before, otherwise, orMe: false })
/** What control/me says where there is no such file; without that, the name of the file. */
const host = (name: string, before: string): Setting => ({ kind: 'line', name, before, otherwise: name, orMe: true })
const number = (name: string, before: string, otherwise: number, after = ''): Setting => ({
  kind: 'number',
  name,
  before,
  otherwise,
  after,
})
const list = (name: string, none: string, before: string, after: string): Setting => ({ kind: 'list', name, none, before, after })

const present = (name: string, text: string): Setting => ({ kind: 'present', name, text })

const toRecipientsAt = 'SMTP clients may send messages to recipients at '

/** @param restricted - whether there is a rcpthosts, without which morercpthosts says nothing */
export function settingsOf(restricted: boolean): Setting[] {
  return [
    list('badmailfrom', 'Any MAIL FROM is allowed.', '', ' not accepted in MAIL FROM.'),
    line('bouncefrom', 'Bounce user name is ', 'MAILER-DAEMON'),
    host('bouncehost', 'Bounce host name is '),
    number('concurrencylocal', 'Local concurrency is ', 10),
    number('concurrencyremote', 'Remote concurrency is ', 20),
    number('databytes', 'SMTP DATA limit is ', 0, ' bytes'),
    host('defaultdomain', 'Default domain name is '),
    host('defaulthost', 'Default host name is '),
    host('doublebouncehost', '2B recipient host: '),
    line('doublebounceto', '2B recipient user: ', 'postmaster'),
    host('envnoathost', 'Presumed domain name is '),
    host('helohost', 'SMTP client HELO host name is '),
    host('idhost', 'Message-ID host name is '),
    host('localiphost', 'Local IP address becomes '),
    list('locals', 'Messages for me are delivered locally.', 'Messages for ', ' are delivered locally.'),
    line('me', 'My name is ', 'undefined! Uh-oh'),
    list('percenthack', 'The percent hack is not allowed.', 'The percent hack is allowed for user%host@', '.'),
    host('plusdomain', 'Plus domain name is '),
    list('qmqpservers', 'No QMQP servers.', 'QMQP server: ', '.'),
    number('queuelifetime', 'Message lifetime in the queue is ', 604_800, ' seconds'),
    list('rcpthosts', 'SMTP clients may send messages to any recipient.', toRecipientsAt, '.'),
    restricted
      ? list('morercpthosts', 'No effect.', toRecipientsAt, '.')
      : list('morercpthosts', 'No rcpthosts; morercpthosts is irrelevant.', "No rcpthosts; doesn't matter that morercpthosts has ", '.'),
    { kind: 'cdb', name: 'morercpthosts.cdb', source: 'morercpthosts' },
    host('smtpgreeting', 'SMTP greeting: 220 '),
    list('smtproutes', 'No artificial SMTP routes.', 'SMTP route: ', ''),
    number('timeoutconnect', 'SMTP client connection timeout is ', 60, ' seconds'),
    number('timeoutremote', 'SMTP client data timeout is ', 1_200, ' seconds'),
    number('timeoutsmtpd', 'SMTP server data timeout is ', 1_200, ' seconds'),
    list('virtualdomains', 'No virtual domains.', 'Virtual domain: ', ''),
  ]
}

/** Files that the reference programs do not know; shown only where they exist. */
export const ourSettings: readonly Setting[] = [
  number('apop', 'APOP is offered (0: while a login has a secret for it): ', 1),
  present('badmailfrom.cdb', 'More senders are not accepted in MAIL FROM.'),
  list('badrcptto', '', '', ' not accepted in RCPT TO.'),
  present('badrcptto.cdb', 'More recipients are not accepted in RCPT TO.'),
  list('bindroutes', '', 'Own address for a route: ', ''),
  number('bouncemaxbytes', 'Bounces copy at most ', 0, ' bytes'),
  line('checkpassword', 'Logins are checked by ', ''),
  number('concurrencyincoming', 'SMTP connections: ', smtpConnections),
  number('concurrencyperhost', 'Remote concurrency for one domain is ', 0),
  number('concurrencyperip', 'SMTP connections from one client: ', smtpConnectionsPerClient),
  list('defaultdelivery', '', 'Default delivery: ', ''),
  number('doorlog', 'What clients do is logged: ', 1),
  number('doublebouncetrim', '2B without the body: ', 0),
  number('greetdelay', 'SMTP greeting delay is ', 0, ' seconds'),
  number('localidle', 'Local workers stay without a delivery for ', localWorkerIdleSeconds, ' seconds'),
  number('logtimes', 'Lines of the log begin with the time: ', 1),
  number('maxrecipients', 'SMTP recipients in one message: ', smtpRecipients),
  number('mfcheck', 'SMTP check of the sender domain in the DNS: ', 0),
  line('outgoingip', 'SMTP client address is ', ''),
  line('patrn', 'Homes and dotfiles are refused that may be written as this says: ', ''),
  number('popextensions', 'POP3 has CAPA and response codes, and three tries for a login: ', 0),
  number('programtimeout', 'Programs of users may take ', 0, ' seconds'),
  list('qmtproutes', '', 'QMTP route: ', ''),
  list('resolvers', '', 'DNS server: ', '.'),
  number('shares', 'Shares of users and destinations: ', 1),
  number('slowlocal', 'Local deliveries beyond these that have run for long: ', 10),
  number('slowremote', 'Remote deliveries beyond these that have run for long: ', 20),
  present('smtp.cdb', 'SMTP clients are under rules.'),
  line('srs_domain', 'SRS domain is ', ''),
  number('srs_hashlength', 'SRS signatures have so many characters: ', 4),
  number('srs_hashmin', 'SRS signatures have at least so many characters: ', 4),
  number('srs_maxage', 'SRS senders are valid for ', 21, ' days'),
  present('srs_secrets', 'SRS senders are signed.'),
  number('stoptime', 'Programs that are stopped may take ', stopSeconds, ' seconds'),
  list('taps', '', 'Copies: ', ''),
  number('tarpitcount', 'SMTP recipients before the client is slowed down: ', 0),
  number('tarpitdelay', 'SMTP delay for each recipient then is ', tarpitSeconds, ' seconds'),
  number('timeoutattempt', 'SMTP client time for a message is ', attemptSeconds, ' seconds'),
  line('unknownusers', 'SMTP recipients who do not exist: ', ''),
  list('validrcptto', '', 'Recipient: ', ''),
  present('validrcptto.cdb', 'Only recipients who are listed there exist, or in validrcptto.'),
  number('workermemory', 'Memory of all local workers: ', workerMemoryMegabytes, ' MB'),
]
