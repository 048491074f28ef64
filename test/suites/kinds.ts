/** Which function runs the cases of a kind. A kind that is not here is skipped. */
import { address } from './address.ts'
import * as arc from './arc.ts'
import { authcheck } from './authcheck.ts'
import { dialogue } from './dialogue.ts'
import * as dkim from './dkim.ts'
import * as dmarc from './dmarc.ts'
import * as outward from './outward.ts'
import { registrable } from './psl.ts'
import * as reports from './reports.ts'
import { scram } from './scram.ts'
import * as spf from './spf.ts'
import type { Kind } from './suite.ts'

export const kinds: Readonly<Record<string, Kind>> = {
  address,
  'arc-seal': arc.seal,
  'arc-validate': arc.validate,
  arf: reports.abuse,
  authcheck,
  authres: arc.results,
  dane: outward.dane,
  dialogue,
  'dkim-canonical': dkim.canonical,
  'dkim-key': dkim.keyRecord,
  'dkim-signature': dkim.signature,
  'dkim-verify': dkim.verify,
  'dmarc-report': reports.dmarc,
  'dsn-parse': reports.deliveryStatus,
  dmarc: dmarc.verdict,
  'dmarc-external': dmarc.external,
  'dmarc-record': dmarc.record,
  'mtasts-lookup': outward.stsLookup,
  'mtasts-match': outward.stsMatch,
  'mtasts-policy': outward.stsPolicy,
  'mtasts-record': outward.stsRecord,
  psl: registrable,
  scram,
  spf: spf.check,
  'spf-record': spf.record,
  'tlsrpt-record': outward.reportRecord,
  'tlsrpt-report': reports.tls,
}
