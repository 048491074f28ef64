/** How mail goes to other hosts. */
import { attemptSeconds, smtpConnectSeconds, smtpReplySeconds } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const relay: Readonly<Record<string, ControlFile>> = {
  authsenders: {
    kind: 'secret',
    without: 'none',
    readBy: ['remote', 'rspawn'],
    says: 'SENDER:RELAY:PORT|USER|PASSWORD; the way of mail by its sender, and the login there (docs/interfaces/tls-out.md). For the account of remote alone to read',
  },
  bindroutes: {
    kind: 'key:value',
    without: 'as outgoingip',
    readBy: ['remote', 'rspawn'],
    says: 'domain:address, our own address for mail to this domain',
  },
  cafile: {
    kind: 'line',
    without: 'those that came with Node',
    readBy: ['remote', 'rspawn'],
    says: 'a file of authorities in PEM, that certificates of other hosts are verified by',
  },
  'clientcert.pem': {
    kind: 'secret',
    without: 'none',
    readBy: ['remote', 'rspawn'],
    says: 'our own certificate and its key, for other hosts that ask for one',
  },
  dane: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['remote', 'rspawn', 'explain', 'tlspolicy'],
    says: '1: TLSA records of mail hosts count, where a trusted resolver has verified them',
  },
  helohost: {
    kind: 'line',
    orMe: true,
    readBy: ['remote', 'rspawn'],
    says: 'what our SMTP client calls itself',
  },
  mtasts: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['remote', 'rspawn', 'explain', 'tlspolicy'],
    says: '1: the MTA-STS policy of a domain counts',
  },
  just8: {
    kind: 'number',
    otherwise: 1,
    inNewHomes: '0',
    readBy: ['remote', 'rspawn'],
    says: '1: 8-bit messages go to every host as they are; 0: one that does not take them gets quoted-printable and base64',
  },
  just8hosts: {
    kind: 'list',
    without: 'none',
    readBy: ['remote', 'rspawn'],
    says: 'domains whose hosts get 8-bit messages as they are, whatever just8 says',
  },
  outgoingip: {
    kind: 'line',
    without: "the system's choice",
    readBy: ['remote', 'rspawn'],
    says: 'our own address for all other mail: one of IPv4, one of IPv6, or both',
  },
  outgoingipv6: {
    kind: 'number',
    otherwise: 1,
    readBy: ['remote', 'rspawn'],
    says: '0: a domain that has IPv4 addresses gets its mail over those. For hosts whose own IPv6 address has no name in the DNS',
  },
  qmtproutes: {
    kind: 'key:value',
    without: 'none',
    readBy: ['remote', 'rspawn'],
    says: 'domain:host:port. Mail for the domain goes to this host by QMTP',
  },
  routepasswords: {
    kind: 'secret',
    without: 'none',
    readBy: ['remote', 'rspawn'],
    says: 'RELAY|USER|PASSWORD, or |oauth:FILE for a token; the login at a relay of smtproutes (docs/interfaces/tls-out.md). For the account of remote alone to read',
  },
  smtproutes: {
    kind: 'key:value',
    without: 'by MX',
    readBy: ['remote', 'rspawn'],
    says: 'domain:host:port. Mail for the domain goes to this host; the empty domain is every other one',
  },
  timeoutattempt: {
    kind: 'number',
    otherwise: attemptSeconds,
    readBy: ['remote', 'rspawn'],
    says: 'seconds from the first connection to the final dot of a message. 0: no limit',
  },
  timeoutconnect: {
    kind: 'number',
    otherwise: smtpConnectSeconds,
    readBy: ['remote', 'rspawn'],
    says: 'seconds to connect',
  },
  timeoutremote: {
    kind: 'number',
    otherwise: smtpReplySeconds,
    readBy: ['remote', 'rspawn'],
    says: 'seconds to wait for a reply',
  },
  tlsclientciphers: {
    kind: 'line',
    without: 'those of Node',
    readBy: ['remote', 'rspawn'],
    says: 'ciphers of TLS 1.2 to other hosts, as OpenSSL writes them',
  },
  tlslegacy: {
    kind: 'number',
    otherwise: 0,
    without: 'TLS 1.2 is the least',
    readBy: ['remote', 'rspawn'],
    says: '1: other hosts may have TLS 1.0 and 1.1, where nothing is verified',
  },
  tlspolicy: {
    kind: 'key:value',
    without: 'what the receiver publishes, else TLS if it can be had',
    readBy: ['remote', 'rspawn', 'explain', 'tlspolicy'],
    says: 'domain:LEVEL[:OPTION...], the TLS that mail for the domain demands (packages/relay/tlsdemand). Mail for what a bad line names waits',
  },
  tlsrpt: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['remote', 'rspawn'],
    says: '1: what came of TLS with each host is kept for reports (docs/interfaces/tls-out.md)',
  },
}
