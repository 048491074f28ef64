/** SPF: whether a domain says that a host may send its mail (RFC 7208). Text is byte strings; nothing here throws. */
export { checkSpf, type SpfClient, type SpfOptions, type SpfResult, type SpfVerdict } from './check.ts'
export { readSpfRecord } from './record.ts'
