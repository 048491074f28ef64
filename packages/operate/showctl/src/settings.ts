/**
 * What each control file means, in the words and the order of the reference program (spec §8.1). Kinds and defaults
 * come from package controlfiles.
 */
import { type ControlFile, controlFiles } from '@yabumi/controlfiles'

/** One control file. Its value stands between `before` and `after`; `none` is said where there is no file. */
export type Setting =
  | { readonly kind: 'line'; readonly name: string; readonly before: string; readonly otherwise: string; readonly orMe: boolean }
  | { readonly kind: 'number'; readonly name: string; readonly before: string; readonly otherwise: number; readonly after: string }
  | { readonly kind: 'list'; readonly name: string; readonly none: string; readonly before: string; readonly after: string }
  | { readonly kind: 'cdb'; readonly name: string; readonly source: string }
  /** A file that no other one is made into, and whose contents are too many to show. */
  | { readonly kind: 'present'; readonly name: string; readonly text: string }

type Kind = ControlFile['kind']

/** What the table says of a file. */
function known<Wanted extends Kind>(name: string, kind: Wanted): ControlFile & { readonly kind: Wanted } {
  const file = controlFiles[name]
  const is = (file: ControlFile): file is ControlFile & { readonly kind: Wanted } => file.kind === kind
  if (file === undefined || !is(file)) throw new Error(`package controlfiles has no ${kind} ${name}`)
  return file
}

/** @param unset - what is said where there is neither the file, nor a default, nor a control/me that counts then */
function line(name: string, before: string, unset: string = name): Setting {
  const { orMe = false, otherwise = unset } = known(name, 'line')
  return { kind: 'line', name, before, otherwise, orMe }
}

function number(name: string, before: string, after = ''): Setting {
  return { kind: 'number', name, before, otherwise: known(name, 'number').otherwise, after }
}

const list = (name: string, none: string, before: string, after: string): Setting => ({ kind: 'list', name, none, before, after })

const present = (name: string, text: string): Setting => ({ kind: 'present', name, text })

const toRecipientsAt = 'SMTP clients may send messages to recipients at '

/** @param restricted - whether there is a rcpthosts, without which morercpthosts says nothing */
export function settingsOf(restricted: boolean): Setting[] {
  return [
    list('badmailfrom', 'Any MAIL FROM is allowed.', '', ' not accepted in MAIL FROM.'),
    line('bouncefrom', 'Bounce user name is '),
    line('bouncehost', 'Bounce host name is '),
    number('concurrencylocal', 'Local concurrency is '),
    number('concurrencyremote', 'Remote concurrency is '),
    number('databytes', 'SMTP DATA limit is ', ' bytes'),
    line('defaultdomain', 'Default domain name is '),
    line('defaulthost', 'Default host name is '),
    line('doublebouncehost', '2B recipient host: '),
    line('doublebounceto', '2B recipient user: '),
    line('envnoathost', 'Presumed domain name is '),
    line('helohost', 'SMTP client HELO host name is '),
    line('idhost', 'Message-ID host name is '),
    line('localiphost', 'Local IP address becomes '),
    list('locals', 'Messages for me are delivered locally.', 'Messages for ', ' are delivered locally.'),
    line('me', 'My name is ', 'undefined! Uh-oh'),
    list('percenthack', 'The percent hack is not allowed.', 'The percent hack is allowed for user%host@', '.'),
    line('plusdomain', 'Plus domain name is '),
    list('qmqpservers', 'No QMQP servers.', 'QMQP server: ', '.'),
    number('queuelifetime', 'Message lifetime in the queue is ', ' seconds'),
    list('rcpthosts', 'SMTP clients may send messages to any recipient.', toRecipientsAt, '.'),
    restricted
      ? list('morercpthosts', 'No effect.', toRecipientsAt, '.')
      : list('morercpthosts', 'No rcpthosts; morercpthosts is irrelevant.', "No rcpthosts; doesn't matter that morercpthosts has ", '.'),
    { kind: 'cdb', name: 'morercpthosts.cdb', source: 'morercpthosts' },
    line('smtpgreeting', 'SMTP greeting: 220 '),
    list('smtproutes', 'No artificial SMTP routes.', 'SMTP route: ', ''),
    number('timeoutconnect', 'SMTP client connection timeout is ', ' seconds'),
    number('timeoutremote', 'SMTP client data timeout is ', ' seconds'),
    number('timeoutsmtpd', 'SMTP server data timeout is ', ' seconds'),
    list('virtualdomains', 'No virtual domains.', 'Virtual domain: ', ''),
  ]
}

/** Files that the reference programs do not know; shown only where they exist. */
export const ourSettings: readonly Setting[] = [
  list('acme', '', 'Certificates: ', ''),
  number('apop', 'APOP is offered (0: while a login has a secret for it): '),
  number('arc', 'Mail that is passed on is sealed: '),
  list('arctrusted', '', 'Seals of ', ' are believed.'),
  line('authcheck', 'SMTP checks of who vouches for mail: '),
  number('authfailures', 'Wrong logins of one address before it hears 421: '),
  present('authsenders', 'Mail of some senders goes a way of its own.'),
  present('badmailfrom.cdb', 'More senders are not accepted in MAIL FROM.'),
  list('badhelo', '', '', ' not accepted in HELO.'),
  list('badhelonorelay', '', '', ' not accepted in HELO of strangers.'),
  list('badmailfromnorelay', '', '', ' not accepted in MAIL FROM of strangers.'),
  list('badrcptto', '', '', ' not accepted in RCPT TO.'),
  list('badrcpttonorelay', '', '', ' not accepted in RCPT TO of strangers.'),
  number('brtlimit', 'SMTP sessions of strangers end after refused recipients: '),
  number('connectrateperip', 'SMTP connections of one network in a minute: '),
  present('dnsbllist', 'Lists in the DNS keep SMTP clients out.'),
  present('dnswllist', 'Lists in the DNS let SMTP clients pass.'),
  present('rhsbllist', 'Lists in the DNS keep domains out.'),
  number('errorlimit', 'SMTP sessions of strangers end after errors: '),
  present('badrcptto.cdb', 'More recipients are not accepted in RCPT TO.'),
  list('bindroutes', '', 'Own address for a route: ', ''),
  line('bounceformat', 'Bounces have the form '),
  line('bouncelang', 'Bounces say what can be done in '),
  number('bouncemaxbytes', 'Bounces copy at most ', ' bytes'),
  line('cafile', 'Authorities for other hosts are in '),
  line('checkpassword', 'Logins are checked by '),
  line('oauth', 'Tokens of OAuth are checked by '),
  present('clientcert.pem', 'There is a certificate for other hosts that ask for one.'),
  present('clientca.pem', 'SMTP clients are asked for certificates.'),
  present('clientcrl.pem', 'There is a list of client certificates that count no more.'),
  number('concurrencyincoming', 'SMTP connections: '),
  number('concurrencyperhost', 'Remote concurrency for one domain is '),
  number('concurrencyperip', 'SMTP connections from one client: '),
  list('daily', '', 'Each day: ', ''),
  number('dane', 'TLSA records of mail hosts count: '),
  list('defaultdelivery', '', 'Default delivery: ', ''),
  present('dkim', 'Mail of some domains is signed.'),
  number('dkimallowl', 'DKIM signatures for a part of the body count: '),
  number('dkimautoactivate', 'DKIM keys become active by themselves: '),
  number('dkimexpire', 'DKIM signatures are good for ', ' seconds'),
  number('dkimminbits', 'DKIM keys have at least so many bits: '),
  list('dkimusers', '', 'Mail of a user is signed for a domain: ', ''),
  number('dmarc', 'Wishes of DMARC count: '),
  list('dmarcexceptions', '', 'DMARC does not concern ', ''),
  number('doorlog', 'What clients do is logged: '),
  number('doublebouncetrim', '2B without the body: '),
  number('dsn', 'Strangers may ask for reports of deliveries: '),
  number('delaywarn', 'Seconds after which a sender hears that a message waits: '),
  number('bouncehold', 'Of the recipients of a login so many percent may not exist: '),
  number('dsnsuccess', 'Senders who ask for it hear of success: '),
  number('enhancedstatus', 'SMTP replies have enhanced status codes: '),
  number('esmtp', 'SMTP says what it can: '),
  number('futurereleasemax', 'Seconds for which a submitted message may be held: '),
  number('deliverby', 'A message may say by when it is to be delivered: '),
  number('mtpriority', 'A submitted message may say how urgent it is: '),
  number('smtputf8', 'Addresses by SMTP may have UTF-8: '),
  number('forbidpipelining', 'SMTP clients must wait for the answer to DATA: '),
  number('greylist', 'SMTP strangers are put off at first (1: suspicious ones, 2: all): '),
  number('fromcheck', 'SMTP messages need one From: '),
  number('greetmultiline', 'SMTP greeting has a line before its delay: '),
  number('helocheck', 'SMTP strangers may not have the name of this host: '),
  list('milters', '', 'Messages are judged by ', ''),
  number('messagerateperip', 'SMTP messages of one network in ten minutes: '),
  number('recipientrateperip', 'SMTP recipients of one network in ten minutes: '),
  number('greetdelay', 'SMTP greeting delay is ', ' seconds'),
  number('just8', 'SMTP client sends 8-bit messages as they are: '),
  list('just8hosts', '', '8-bit messages go as they are to ', '.'),
  number('hideauth', 'Received lines of submission keep the login back: '),
  number('localidle', 'Local workers stay without a delivery for ', ' seconds'),
  number('logtimes', 'Lines of the log begin with the time: '),
  line('mailboxuids', 'Mailboxes without accounts have uids from '),
  list('mailaccess', '', 'Programs of people find their mail by ', '.'),
  number('maxrecipients', 'SMTP recipients in one message: '),
  number('mfcheck', 'SMTP check of the sender domain in the DNS: '),
  number('mtasts', 'MTA-STS policies count: '),
  line('outgoingip', 'SMTP client address is '),
  number('outgoingipv6', 'SMTP client speaks to hosts over IPv6: '),
  number('mailquota', 'IMAP puts no more into a Maildir of ', ' MB'),
  number('maildirsizes', 'Names of messages in Maildirs tell their sizes: '),
  line('patrn', 'Homes and dotfiles are refused that may be written as this says: '),
  number('popextensions', 'POP3 has CAPA and response codes, and three tries for a login: '),
  number('programtimeout', 'Programs of users may take ', ' seconds'),
  list('qmtproutes', '', 'QMTP route: ', ''),
  list('resolvers', '', 'DNS server: ', '.'),
  number('scram', 'Passwords are kept for SCRAM as well: '),
  number('resolverstrusted', 'DNS servers are believed about DNSSEC: '),
  present('routepasswords', 'There are logins for relays.'),
  number('shares', 'Shares of users and destinations: '),
  list('sharedaccounts', '', 'Several mailboxes are of uid ', '.'),
  number('slowlocal', 'Local deliveries beyond these that have run for long: '),
  number('slowremote', 'Remote deliveries beyond these that have run for long: '),
  present('smtp.cdb', 'SMTP clients are under rules.'),
  line('srs_domain', 'SRS domain is '),
  number('srs_hashlength', 'SRS signatures have so many characters: '),
  number('srs_hashmin', 'SRS signatures have at least so many characters: '),
  number('srs_maxage', 'SRS senders are valid for ', ' days'),
  present('srs_secrets', 'SRS senders are signed.'),
  number('stoptime', 'Programs that are stopped may take ', ' seconds'),
  present('servercert.pem', 'There is a certificate for TLS.'),
  present('servercerts', 'There are certificates of single names for TLS.'),
  present('serverkey.pem', 'The key of the certificate is a file of its own.'),
  line('submissionfrom', 'A From that is not the sender of the login is met with '),
  list('taps', '', 'Copies: ', ''),
  line('stspolicy', 'MTA-STS policy of our domains: '),
  number('strictparameters', 'SMTP parameters that are not offered are refused: '),
  number('tarpitcount', 'SMTP recipients before the client is slowed down: '),
  number('tarpitdelay', 'SMTP delay for each recipient then is ', ' seconds'),
  number('timeoutattempt', 'SMTP client time for a message is ', ' seconds'),
  line('tlsminversion', 'Servers speak TLS from version '),
  list('tlsclients', '', 'Client certificates that let in: ', ''),
  line('tlsclientciphers', 'TLS ciphers of the SMTP client: '),
  number('tlslegacy', 'SMTP client may use TLS 1.0 and 1.1: '),
  list('tlspolicy', '', 'TLS of SMTP client: ', ''),
  number('tlsrateperip', 'TLS handshakes of a network in a minute: '),
  line('tlsserverciphers', 'Ciphers of TLS 1.2 in servers: '),
  number('tlstickets', 'TLS sessions may be taken up again for ', ' hours'),
  number('tlsrpt', 'TLS of connections is kept for reports: '),
  line('unknownusers', 'SMTP recipients who do not exist: '),
  number('newdomains', 'A login may write to so many new domains a day: '),
  number('spfbehavior', 'SMTP does about SPF: '),
  line('spfexp', 'SPF is explained by: '),
  list('spfguess', '', 'SPF without a record: ', ''),
  number('spfnullreject', 'SMTP senders for whom nobody sends are refused: '),
  list('spfrules', '', 'SPF passes also by: ', ''),
  list('spfskip', '', 'SPF is not asked about ', ''),
  list('userlimits', '', 'A login may send: ', ''),
  list('validrcptto', '', 'Recipient: ', ''),
  present('validrcptto.cdb', 'Only recipients who are listed there exist, or in validrcptto.'),
  number('workermemory', 'Memory of all local workers: ', ' MB'),
]
