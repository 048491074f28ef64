/** DMARC: whether what is verified of a message belongs to the domain of its author (RFC 9989). Nothing here throws. */
export { checkDmarc, type DmarcOptions, type DmarcResult, type DmarcVerdict, type Verified } from './check.ts'
export { mayReportTo } from './external.ts'
export { type DmarcRecord, type Policy, readDmarcRecord } from './record.ts'
