/** What decides about deliveries to users of this host. */
import { localWorkerIdleSeconds, programSeconds, srsDays, srsHashCharacters, workerMemoryMegabytes } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const deliver: Readonly<Record<string, ControlFile>> = {
  localidle: {
    kind: 'number',
    otherwise: localWorkerIdleSeconds,
    readBy: ['lspawn'],
    says: "seconds that a user's local worker stays without a delivery. 0: it goes at once",
  },
  maildirsizes: {
    kind: 'number',
    otherwise: 0,
    without: 'as qmail',
    inNewHomes: '1',
    readBy: ['local'],
    says: '1: names of messages in Maildirs tell their sizes, for readers that need not look into each file then. 0: as qmail',
  },
  patrn: {
    kind: 'line',
    without: "none but the user's own group",
    readBy: ['local', 'explain'],
    says: "who must not be able to write a home or dotfile, as qmail's conf-patrn. 002: everybody. 022: no group either. Any other line counts as 022",
  },
  programtimeout: {
    kind: 'number',
    otherwise: 0,
    without: 'any time',
    inNewHomes: String(programSeconds),
    readBy: ['local'],
    says: "seconds that a user's program may take. Then it is ended with its process group, and the delivery is deferred",
  },
  srs_domain: {
    kind: 'line',
    without: 'SRS is off',
    readBy: ['local', 'srsfilter'],
    says: 'domain of the senders under which mail is forwarded (packages/deliver/srs)',
  },
  srs_hashlength: {
    kind: 'number',
    otherwise: srsHashCharacters,
    readBy: ['local'],
    says: 'characters of the signature in such a sender',
  },
  srs_hashmin: {
    kind: 'number',
    otherwise: srsHashCharacters,
    readBy: ['srsfilter'],
    says: 'characters of such a signature; fewer are refused',
  },
  srs_maxage: {
    kind: 'number',
    otherwise: srsDays,
    readBy: ['srsfilter'],
    says: 'days for which such a sender is valid',
  },
  srs_secrets: {
    kind: 'list',
    without: 'forwards wait',
    readBy: ['local', 'srsfilter'],
    says: 'secrets that sign such senders. The first one signs, all verify',
  },
  workermemory: {
    kind: 'number',
    otherwise: workerMemoryMegabytes,
    without: "or an eighth of the machine's memory if that is more",
    readBy: ['lspawn'],
    says: 'MB that all local workers have together before idle ones leave',
  },
}
