/** TLS of the servers (docs/interfaces/tls-in.md). */
import { tlsHandshakesPerMinute, tlsTicketHours } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const tls: Readonly<Record<string, ControlFile>> = {
  'clientca.pem': {
    kind: 'secret',
    without: 'no client is asked for a certificate',
    readBy: ['smtpd'],
    says: 'certificates in PEM of those who vouch for clients; whom tlsclients names may send',
  },
  'clientcrl.pem': {
    kind: 'secret',
    without: 'none is revoked',
    readBy: ['smtpd'],
    says: "lists in PEM of clients' certificates that count no more, one of each authority in clientca.pem",
  },
  'servercert.pem': {
    kind: 'secret',
    without: 'no TLS',
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: 'the certificate of the servers, those that vouch for it, and its key, in any order',
  },
  servercerts: {
    kind: 'directory',
    without: 'none',
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: 'NAME/servercert.pem, and serverkey.pem beside it: for clients that ask for this name; NAME may be *.example.org',
  },
  'serverkey.pem': {
    kind: 'secret',
    without: 'in servercert.pem',
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: 'the key, where the certificate is for everybody to read',
  },
  tlsclients: {
    kind: 'list',
    without: 'none',
    readBy: ['smtpd'],
    says: 'e-mail addresses of client certificates, or SHA256:FINGERPRINT LOGIN: they may relay, and log in to submission',
  },
  tlsminversion: {
    kind: 'line',
    otherwise: '1.2',
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: 'the oldest TLS that the servers speak: 1.2 or 1.3. At first any other line counts as 1.3, later as the last good one',
  },
  tlsrateperip: {
    kind: 'number',
    otherwise: tlsHandshakesPerMinute,
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: "TLS handshakes of one client's network within a minute",
  },
  tlsserverciphers: {
    kind: 'line',
    without: "OpenSSL's usual ones, without SHA-1 and RSA key exchange",
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: "cipher suites of TLS 1.2, as OpenSSL's ciphers(1) has them",
  },
  tlstickets: {
    kind: 'number',
    otherwise: tlsTicketHours,
    readBy: ['smtpd', 'popup', 'imapd', 'webfiles'],
    says: 'hours that a client may take up a TLS session again; 0: never',
  },
}
