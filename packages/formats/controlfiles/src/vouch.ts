/** What decides about signatures of domains. */
import { dkimLifetimeSeconds, dkimSmallestKeyBits } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const vouch: Readonly<Record<string, ControlFile>> = {
  dkim: {
    kind: 'directory',
    without: 'nothing is signed',
    readBy: ['dkimkey', 'rspawn', 'remote'],
    says: "DOMAIN/SELECTOR.key, the keys that sign a domain's mail, and their states; dkimkey makes them",
  },
  dkimallowl: {
    kind: 'number',
    otherwise: 0,
    readBy: ['authcheck'],
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
    readBy: ['authcheck'],
    says: 'bits of the smallest RSA key whose signatures count',
  },
  dkimusers: {
    kind: 'key:value',
    without: 'nobody',
    readBy: ['rspawn', 'remote', 'explain'],
    says: 'UID:DOMAIN; what this user of the host sends is signed for that domain, whatever its local part is',
  },
}
