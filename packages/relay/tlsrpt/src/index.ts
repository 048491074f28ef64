/**
 * Reports about TLS (RFC 8460): who wants them, and the lines of what came of each connection, of which they are made.
 */
export { type Line, recordLine } from './lines.ts'
export { parseReportRecord, reportAddressesOf } from './record.ts'
