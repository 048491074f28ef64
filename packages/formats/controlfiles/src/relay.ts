/** How mail goes to other hosts. */
import { attemptSeconds, smtpConnectSeconds, smtpReplySeconds } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const relay: Readonly<Record<string, ControlFile>> = {
  bindroutes: {
    kind: 'key:value',
    without: 'as outgoingip',
    readBy: ['remote', 'rspawn'],
    says: 'domain:address; our own address for mail to this domain',
  },
  helohost: {
    kind: 'line',
    orMe: true,
    readBy: ['remote', 'rspawn'],
    says: 'what our SMTP client calls itself',
  },
  outgoingip: {
    kind: 'line',
    without: "the system's choice",
    readBy: ['remote', 'rspawn'],
    says: 'our own address for all other mail: one of IPv4, one of IPv6, or both',
  },
  qmtproutes: {
    kind: 'key:value',
    without: 'none',
    readBy: ['remote', 'rspawn'],
    says: 'domain:host:port; mail for it goes to this host by QMTP',
  },
  smtproutes: {
    kind: 'key:value',
    without: 'by MX',
    readBy: ['remote', 'rspawn'],
    says: 'domain:host:port; the empty domain is every other one',
  },
  timeoutattempt: {
    kind: 'number',
    otherwise: attemptSeconds,
    readBy: ['remote', 'rspawn'],
    says: 'seconds from the first connection to the final dot of a message; 0: no limit',
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
}
