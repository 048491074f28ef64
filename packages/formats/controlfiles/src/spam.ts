/** What keeps unwanted mail out. */
import type { ControlFile } from './file.ts'

const smtpd = ['smtpd']

/** Of strangers: clients that may not relay, and are not this host. */
export const spam: Readonly<Record<string, ControlFile>> = {
  badhelo: {
    kind: 'list',
    without: 'nobody',
    readBy: smtpd,
    says: 'names in HELO whose clients may send nothing: hosts, .domain, /PATTERN',
  },
  badhelonorelay: {
    kind: 'list',
    without: 'nobody',
    readBy: smtpd,
    says: 'the same, of strangers',
  },
  badmailfromnorelay: {
    kind: 'list',
    without: 'nobody',
    readBy: smtpd,
    says: 'senders that strangers may not have: addresses, @host, .domain, /PATTERN',
  },
  badrcpttonorelay: {
    kind: 'list',
    without: 'nobody',
    readBy: smtpd,
    says: 'recipients that strangers may not send to: addresses, @host, .domain, /PATTERN',
  },
  brtlimit: {
    kind: 'number',
    otherwise: 0,
    without: 'no limit',
    readBy: smtpd,
    says: 'refused recipients of one session after which a stranger hears 421',
  },
  connectrateperip: {
    kind: 'number',
    otherwise: 0,
    without: 'no limit',
    inNewHomes: '60',
    readBy: smtpd,
    says: "connections of a stranger's network within a minute",
  },
  dnsbllist: {
    kind: 'list',
    without: 'nobody is asked',
    readBy: smtpd,
    says: 'lists in the DNS of clients that send what nobody wants, ZONE, ZONE:=127.0.0.2-11 or ZONE:WEIGHT, as dnslists has it',
  },
  dnswllist: {
    kind: 'list',
    without: 'nobody is asked',
    readBy: smtpd,
    says: 'the same of clients that are known to be well: no other list counts for them',
  },
  errorlimit: {
    kind: 'number',
    otherwise: 0,
    without: 'no limit',
    inNewHomes: '20',
    readBy: smtpd,
    says: 'replies 5xx of one session after which a stranger hears 421',
  },
  greylist: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '0',
    readBy: smtpd,
    says: '1: strangers without a name of their own, or on a list in the DNS, are put off for a minute at first. 2: all strangers are. 0: nobody is',
  },
  greetmultiline: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: smtpd,
    says: '1: the greeting has a line before greetdelay, too, and whoever speaks before its last one is turned away. 0: one line',
  },
  helocheck: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: smtpd,
    says: '1: strangers may not say that they are this host. 0: they may',
  },
  messagerateperip: {
    kind: 'number',
    otherwise: 0,
    without: 'no limit',
    inNewHomes: '200',
    readBy: smtpd,
    says: "messages of a stranger's network within ten minutes",
  },
  rhsbllist: {
    kind: 'list',
    without: 'nobody is asked',
    readBy: smtpd,
    says: 'lists in the DNS of domains, which a client calls itself, is called or sends for; lines as of dnsbllist',
  },
  milters: {
    kind: 'list',
    without: 'there are none',
    readBy: smtpd,
    says: 'filters that judge messages, in their order: inet:HOST:PORT or unix:PATH, perhaps name=, timeout=30/30/300, default=accept|tempfail|reject, skip=relay',
  },
  recipientrateperip: {
    kind: 'number',
    otherwise: 0,
    without: 'no limit',
    readBy: smtpd,
    says: "recipients that a stranger's network names within ten minutes",
  },
}
