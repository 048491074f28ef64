/** What is read of reports that others send. */

/** Parts of a multipart/report. */
export const reportParts = 100
/** Recipients of one delivery status, or of one bounce of qmail's. */
export const statusRecipients = 10_000
/** Of what a host said of a recipient, in bytes. */
export const diagnosticBytes = 2_048
/** A report unpacked, in bytes; and how many times as long as packed. */
export const reportBytes = 10_485_760
export const reportRatio = 200
/** Records of a report about DMARC; policies of one about TLS, and failures of each. */
export const reportRecords = 100_000
/** XML: elements one inside the other, and all of them. */
export const xmlDepth = 32
export const xmlElements = 4_000_000
