/** What decides about signatures of domains. */
import { dkimLifetimeSeconds, dkimSmallestKeyBits } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const vouch: Readonly<Record<string, ControlFile>> = {
  arc: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['rspawn', 'remote'],
    says: '1: what is passed on to other hosts is sealed (ARC), by srs_domain or else me, where a key of that is active. 0: it is not',
  },
  arctrusted: {
    kind: 'list',
    without: 'nobody',
    readBy: ['smtpd', 'explain'],
    says: 'domains whose seals of ARC are believed. Where one of them has sealed that DMARC passed, and those after it are believed, too, mail is taken',
  },
  authcheck: {
    kind: 'line',
    otherwise: '0',
    inNewHomes: '2',
    readBy: ['smtpd'],
    says: "1: what SPF, DKIM, ARC and DMARC say of strangers' mail stands above it. 2: and smtpd acts on it. 0: neither. Any other line counts as 2 at first, and later as the last good one",
  },
  dkim: {
    kind: 'directory',
    without: 'nothing is signed',
    readBy: ['dkimkey', 'rspawn', 'remote'],
    says: "DOMAIN/SELECTOR.key, the keys that sign a domain's mail, and their states; dkimkey makes them",
  },
  dkimallowl: {
    kind: 'number',
    otherwise: 0,
    readBy: ['authcheck', 'smtpd'],
    says: '1: a signature for the beginning of a body counts, though more follows',
  },
  dkimautoactivate: {
    kind: 'number',
    otherwise: 1,
    readBy: ['dkimkey'],
    says: '0: dkimkey check activates no key',
  },
  dkimexpire: {
    kind: 'number',
    otherwise: dkimLifetimeSeconds,
    readBy: ['rspawn', 'remote', 'dkimkey'],
    says: 'seconds that signatures of ours are good; 0: for ever',
  },
  dkimminbits: {
    kind: 'number',
    otherwise: dkimSmallestKeyBits,
    readBy: ['authcheck', 'smtpd'],
    says: 'bits of the smallest RSA key whose signatures count',
  },
  dmarc: {
    kind: 'number',
    otherwise: 1,
    inNewHomes: '1',
    readBy: ['smtpd', 'explain'],
    says: "1: where authcheck is 2, the wish of an author's domain for mail that is not its own counts. 0: it does not",
  },
  dmarcexceptions: {
    kind: 'list',
    without: 'nobody',
    readBy: ['smtpd', 'explain'],
    says: "whose mail need not be as DMARC wants. Addresses and networks of clients, domains that have signed or sent it, @ and the author's domain",
  },
  dkimusers: {
    kind: 'key:value',
    without: 'nobody',
    readBy: ['rspawn', 'remote', 'explain'],
    says: 'UID:DOMAIN; what this user of the host sends is signed for that domain, whatever its local part is',
  },
  fromcheck: {
    kind: 'number',
    otherwise: 1,
    inNewHomes: '1',
    readBy: ['smtpd', 'explain'],
    says: '1: where authcheck is 2, a message without one From field, or with authors of several domains, is refused. 0: it is taken',
  },
  spfbehavior: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['smtpd'],
    says: "1: Received-SPF stands above strangers' mail. 2: and where the DNS does not answer it is put off. 3: and fail is refused, 4: softfail, 5: neutral, 6: none and errors, too. 0: nothing",
  },
  spfexp: {
    kind: 'line',
    readBy: ['smtpd'],
    without: 'what its record says',
    says: 'why a client may not send, where the domain does not say it',
  },
  spfguess: {
    kind: 'list',
    without: 'nothing',
    readBy: ['smtpd'],
    says: 'terms of SPF that count where a domain has no record',
  },
  spfnullreject: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['smtpd'],
    says: '1: a sender of a domain for which nobody sends, by a record that says -all alone, is refused. 0: it is not',
  },
  spfrules: {
    kind: 'list',
    without: 'nothing',
    readBy: ['smtpd'],
    says: 'terms of SPF that save from a refusal',
  },
  spfskip: {
    kind: 'list',
    without: 'nobody',
    readBy: ['smtpd'],
    says: 'addresses and networks of clients that SPF is not asked about, as other mail hosts of ours',
  },
}
